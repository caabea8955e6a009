import { Case } from "#app/components/desk.tsx";

export default function NoDispute() {
  return (
    <Case title="No dispute is open">
      <p className="soft">Choose one from the queue. The oldest deadline is at the top.</p>
    </Case>
  );
}
