/** Beside the queue; on a phone the queue is all there is. */
export default function NoDispute() {
  return (
    <div className="case wide-only">
      <h2>No dispute is open</h2>
      <p className="soft">Choose one from the queue. The oldest deadline is at the top.</p>
    </div>
  );
}
