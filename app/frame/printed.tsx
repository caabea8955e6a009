import { useEffect, useState } from "react";
import { useReader } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";

/** What a page on paper begins with: whose it is, whom it is for, and what day it was true on. */
export function Printed({
  supplier,
  customer,
}: {
  supplier: { name: string; address?: string | undefined };
  customer: string;
}) {
  const { today } = useReader();
  const [at, setAt] = useState(today);
  useEffect(() => {
    const look = () => setAt(new Date().toISOString());
    addEventListener("beforeprint", look);
    return () => removeEventListener("beforeprint", look);
  }, []);
  return (
    <div className="printed">
      <p>
        <b>{supplier.name}</b>
        {supplier.address === undefined ? null : `, ${supplier.address}`}
      </p>
      <p>
        For <b>{customer}</b>
      </p>
      <p>
        As of <When at={at} zone={at.length > 10} />
      </p>
    </div>
  );
}
