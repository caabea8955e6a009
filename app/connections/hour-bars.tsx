/** Deliveries in each of the last 24 hours, the oldest first; an hour without any is a short mark. */
export function HourBars({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <svg
      className="spark"
      viewBox="0 0 136 20"
      role="img"
      aria-label={`${total} deliveries in 24 hours`}
    >
      {counts.map((count, index) => {
        const height = count === 0 ? 1 : Math.max(2, (count / most) * 19);
        const x = (136 / counts.length) * index;
        return (
          <rect
            key={x}
            x={x}
            y={20 - height}
            width={4}
            height={height}
            fill="currentColor"
            opacity={count === 0 ? 0.4 : 1}
          />
        );
      })}
    </svg>
  );
}
