/** Hatching of three densities in the current colour, under `id` followed by 1, 2 or 3. */
export function Hatching({ id }: { id: string }) {
  return (
    <defs>
      {densities.map(({ size, d, width }, index) => (
        <pattern
          key={size + d}
          id={`${id}${index + 1}`}
          width={size}
          height={size}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d={d} stroke="currentColor" strokeWidth={width} />
        </pattern>
      ))}
    </defs>
  );
}

const densities = [
  { size: 6, d: "M0 3h6", width: 1.2 },
  { size: 4, d: "M0 2h4", width: 1.7 },
  { size: 4, d: "M0 2h4M2 0v4", width: 1.6 },
];
