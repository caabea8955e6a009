import type { StaffScope } from "#db/queries/scope.ts";
import type { Source } from "#domain/event.ts";
import { RequestError } from "#server/errors.ts";
import type { Person } from "#server/ledger/entry.ts";

/** Who does something for the supplier: a signed-in person, or a program with a key. */
export interface Actor {
  source: Source;
  person: Person;
}

/** A person of finance or an administrator. Throws 403 for an auditor, who only reads. */
export function asWorker(scope: StaffScope): Actor {
  if (!scope.mayChange)
    throw new RequestError(403, "An auditor reads everything and changes nothing");
  return {
    source: { kind: "user", user: scope.userId },
    person: { id: scope.userId, name: scope.name, side: "supplier" },
  };
}

/** Connections, people and keys are an administrator's. Throws 403 for everybody else. */
export function asAdministrator(scope: StaffScope): Actor {
  if (scope.role !== "administrator") {
    throw new RequestError(403, "Connections, people and keys are changed by an administrator");
  }
  return asWorker(scope);
}
