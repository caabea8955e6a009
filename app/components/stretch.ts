/** Lays amounts out on a line of `length`, in proportion, with gaps of 3 between them. */
export function stretch(amounts: readonly number[], length: number) {
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  const room = length - 3 * (amounts.length - 1);
  return amounts.map((amount, index) => {
    const before = amounts.slice(0, index).reduce((total, earlier) => total + earlier, 0);
    return { x: (before / sum) * room + 3 * index, width: (amount / sum) * room };
  });
}
