/**
 * The supplier's colour for mail, where style sheets cannot derive it. The formula is that of the
 * pages' tokens: lightness at most 0.47 on light and at least 0.77 on dark, chroma bounded.
 */
export function accentOf(brandColor: string): { light: string; dark: string } {
  const { lightness, chroma, hue } = toOklch(brandColor);
  return {
    light: toHex({ lightness: Math.min(lightness, 0.47), chroma: Math.min(chroma, 0.15), hue }),
    dark: toHex({ lightness: Math.max(lightness, 0.77), chroma: Math.min(chroma, 0.11), hue }),
  };
}

interface Oklch {
  lightness: number;
  chroma: number;
  /** Radians. */
  hue: number;
}

/** A colour `#rrggbb` in OKLCH. */
export function toOklch(hex: string): Oklch {
  const channel = (at: number) => toLinear(Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = [channel(1), channel(3), channel(5)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, bb),
    hue: Math.atan2(bb, a),
  };
}

function toHex({ lightness, chroma, hue }: Oklch): string {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${channels.map(toByte).join("")}`;
}

function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Two hex digits; what sRGB cannot show is cut to its edge. */
function toByte(linear: number): string {
  const cut = Math.min(1, Math.max(0, linear));
  const value = cut <= 0.0031308 ? cut * 12.92 : 1.055 * cut ** (1 / 2.4) - 0.055;
  return Math.round(value * 255)
    .toString(16)
    .padStart(2, "0");
}
