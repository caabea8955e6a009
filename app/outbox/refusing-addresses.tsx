import { Form } from "@remix-run/react";
import { Button } from "#app/ui/button.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";

interface Props {
  addresses: readonly { address: string; refusedAt: string; answer: string }[];
  /** Mails that nobody tries any more by itself. */
  parked: number;
  mayChange: boolean;
}

/** The addresses that get no mail, and the buttons that take mail to them again, one by one or all. */
export function RefusingAddresses({ addresses, parked, mayChange }: Props) {
  if (addresses.length === 0 && parked === 0) return null;
  return (
    <Block title="Mail that is not tried">
      <p className="small soft measure">
        {addresses.length > 0
          ? "These addresses said that they take no mail. Nothing is sent there until somebody releases them, or they take a sign-in link."
          : "No address refuses mail."}{" "}
        {parked === 1 ? "1 mail is parked." : `${parked} mails are parked.`}
      </p>
      {mayChange ? (
        <Form method="post">
          <input type="hidden" name="do" value="release-all" />
          <Button>Try everything again</Button>
        </Form>
      ) : null}
      {addresses.length > 0 ? <Addresses addresses={addresses} mayChange={mayChange} /> : null}
    </Block>
  );
}

function Addresses({ addresses, mayChange }: Omit<Props, "parked">) {
  return (
    <LedgerTable caption="Addresses that refuse mail" plain stacked>
      <thead>
        <tr>
          <Th>Address</Th>
          <Th>Since</Th>
          <Th>Answer</Th>
          <ActionTh />
        </tr>
      </thead>
      <tbody>
        {addresses.map(({ address, refusedAt, answer }) => (
          <Row key={address}>
            <Td phone="full">
              <span className="breakable">{address}</span>
            </Td>
            <Td label="Since">
              <When at={refusedAt} form="second" />
            </Td>
            <Td phone="full">
              <span className="breakable">{answer}</span>
            </Td>
            <Td>
              {mayChange ? (
                <Form method="post">
                  <input type="hidden" name="do" value="release" />
                  <input type="hidden" name="address" value={address} />
                  <Button>Release</Button>
                </Form>
              ) : null}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
