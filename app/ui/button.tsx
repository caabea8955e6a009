import { Link } from "@remix-run/react";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useSending } from "./post-form.tsx";

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

/**
 * Sends its form unless `type="button"`; that works before and without JavaScript. While a PostForm is
 * sent its button shows so and cannot be pressed.
 */
export function Button({
  look,
  size,
  width,
  type = "submit",
  ...button
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, "className" | "style"> & Look) {
  const isSending = useSending() && type === "submit";
  return (
    <button
      {...button}
      type={isSending ? "button" : type}
      className={classFor({ look, size, width })}
      {...(isSending && { "aria-disabled": true, "data-pending": true })}
    />
  );
}

/** A link that looks like a button: it goes somewhere and changes nothing. `to` is a local path. */
export function ButtonLink({ to, children, ...look }: Look & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classFor(look)}>
      {children}
    </Link>
  );
}
