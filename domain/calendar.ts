/** Whether a day or instant exists: the 31st of February is read as a day in March, which is another text. */
export function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(Date.parse(text)) || Number.isNaN(midnight.getTime())) return false;
  return midnight.toISOString().startsWith(day);
}
