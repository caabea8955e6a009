const paths = {
  home: "M2.5 8 8 3l5.5 5M4 7v6h8V7",
  invoices: "M2.5 4h11M2.5 8h11M2.5 12h7",
  disputes: "M8 2 14 8 8 14 2 8Z",
  statement: "M4 2h8v12H4zM6 5.5h4M6 8h4M6 10.5h4",
  settings: "M3 8h.1M8 8h.1M13 8h.1",
};
export type Icon = keyof typeof paths;

/** A line drawing for the tab bar; its word always stands below it. */
export function TabIcon({ icon }: { icon: Icon }) {
  const dots = icon === "settings";
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={paths[icon]}
        fill="none"
        stroke="currentColor"
        strokeWidth={dots ? 2.4 : 1.4}
        strokeLinecap={dots ? "square" : "butt"}
      />
    </svg>
  );
}

/** The supplier's sign: the first letter of its name in a frame. */
export function Sign({ name }: { name: string }) {
  return (
    <svg className="maker__sign" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M1 1h18v18H1z" fill="none" stroke="currentColor" strokeWidth="2" />
      <text x="10" y="14.6" textAnchor="middle" fill="currentColor">
        {Array.from(name)[0]?.toLocaleUpperCase()}
      </text>
    </svg>
  );
}
