/** Makes something of the portal's public address once, and gives the same each time after. */
export function onceFor<Value>(make: (publicUrl: string) => Value): (publicUrl: string) => Value {
  let kept: { publicUrl: string; value: Value } | undefined;
  return (publicUrl) => {
    if (kept?.publicUrl !== publicUrl) kept = { publicUrl, value: make(publicUrl) };
    return kept.value;
  };
}
