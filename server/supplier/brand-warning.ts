import { toOklch } from "#server/mail/accent.ts";

/** The colours of meanings that a brand may be mistaken for, as tokens.css has them on light. */
const meanings = [
  ["late", "#982d08"],
  ["question", "#886000"],
] as const;
/** Degrees of hue. */
const tooClose = 22;
/** Below this a colour is a grey and has no hue to speak of. */
const leastChroma = 0.04;

/** The meaning that a brand colour (`#rrggbb`) looks like, since links and buttons wear it; else null. */
export function mistakenFor(brandColor: string): "late" | "question" | null {
  const brand = toOklch(brandColor);
  if (brand.chroma < leastChroma) return null;
  const near = meanings.find(([, color]) => distance(brand.hue, toOklch(color).hue) < tooClose);
  return near?.[0] ?? null;
}

/** Of two hues in radians, in degrees on the circle. */
function distance(one: number, other: number): number {
  const degrees = Math.abs((one - other) * (180 / Math.PI)) % 360;
  return Math.min(degrees, 360 - degrees);
}
