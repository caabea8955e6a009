/**
 * Lays amounts out on a whole line, in proportion, with small gaps between them; in per cent, so that
 * the drawing is not stretched and its lines and hatching stay what they are.
 */
export function stretch(amounts: readonly number[]) {
  const gap = 0.5;
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  const room = 100 - gap * (amounts.length - 1);
  return amounts.map((amount, index) => {
    const before = amounts.slice(0, index).reduce((total, earlier) => total + earlier, 0);
    return {
      x: `${(before / sum) * room + gap * index}%`,
      width: `${Math.max((amount / sum) * room, 0.1)}%`,
    };
  });
}
