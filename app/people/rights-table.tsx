import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";

/** What a key of each role may do, as a table. */
export function RightsTable({
  roles,
  rows,
}: {
  roles: readonly { role: string; words: string }[];
  rows: readonly { words: string; may: readonly boolean[] }[];
}) {
  return (
    <LedgerTable caption="What a key may do" plain stacked>
      <thead>
        <tr>
          <Th>A key of</Th>
          {roles.map(({ role }) => (
            <Th key={role}>{role}</Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ words, may }) => (
          <Row key={words}>
            <Td phone="full">{words}</Td>
            {roles.map(({ role }, at) => (
              <Td key={role} label={role} tone={may[at] ? "medium" : "faint"}>
                {may[at] ? "yes" : "no"}
              </Td>
            ))}
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
