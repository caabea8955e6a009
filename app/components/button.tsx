import { Link } from "@remix-run/react";
import type { ButtonHTMLAttributes, ReactNode } from "react";

/** main: the one thing of the page · plain: bordered · quiet: no border · danger: takes something away. */
type Look = {
  look?: "main" | "plain" | "quiet" | "danger" | undefined;
  size?: "normal" | "big" | undefined;
  width?: "fit" | "full" | undefined;
};

function classFor({ look = "plain", size = "normal", width = "fit" }: Look) {
  return [
    "btn",
    look === "main" && "btn--main",
    look === "quiet" && "btn--plain",
    look === "danger" && "btn--danger",
    size === "big" && "btn--big",
    width === "full" && "btn--wide",
  ]
    .filter(Boolean)
    .join(" ");
}

/** Sends its form unless `type="button"`; that works before and without JavaScript. */
export function Button({
  look,
  size,
  width,
  type = "submit",
  ...button
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className" | "style"> & Look) {
  return <button {...button} type={type} className={classFor({ look, size, width })} />;
}

/** A link that looks like a button: it goes somewhere and changes nothing. `to` is a local path. */
export function ButtonLink({ to, children, ...look }: Look & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classFor(look)}>
      {children}
    </Link>
  );
}
