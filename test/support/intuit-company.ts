/** A decimal that the wire shows as a JSON number with exactly these digits. */
export class Decimal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface Entity {
  Id: string;
  SyncToken: string;
  MetaData: { CreateTime: string; LastUpdatedTime: string };
  [field: string]: unknown;
}

type Kind = "Invoice" | "Payment" | "CreditMemo" | "Attachable";

interface IssueOptions {
  docNumber?: string;
  currency?: string;
  customer?: { value: string; name: string };
  fields?: object;
}

export type Company = ReturnType<typeof openCompany>;

/** The books of one company in QuickBooks: amounts in minor units here, as decimals on the wire. */
export function openCompany(clock: () => Date) {
  const all: Record<Kind, Map<string, Entity>> = {
    Invoice: new Map(),
    Payment: new Map(),
    CreditMemo: new Map(),
    Attachable: new Map(),
  };
  const deleted: { kind: Kind; id: string; at: string }[] = [];
  let lastId = 100;
  const now = () => pacific(clock());
  const newId = () => String((lastId += 1));

  function insert(kind: Kind, fields: object, Id = newId()): string {
    const MetaData = { CreateTime: now(), LastUpdatedTime: now() };
    all[kind].set(Id, { domain: "QBO", sparse: false, ...fields, Id, SyncToken: "0", MetaData });
    return Id;
  }

  function entityOf(kind: Kind, id: string): Entity {
    const found = all[kind].get(id);
    if (!found) throw new Error(`There is no ${kind} ${id}`);
    return found;
  }

  /** Every change counts the SyncToken up by one. */
  function change(kind: Kind, id: string, fields: object): Entity {
    const { SyncToken, MetaData, ...rest } = entityOf(kind, id);
    const stamped = { SyncToken: String(Number(SyncToken) + 1) };
    const changed = { ...rest, ...fields, ...stamped, Id: id };
    const entity = { ...changed, MetaData: { ...MetaData, LastUpdatedTime: now() } };
    all[kind].set(id, entity);
    return entity;
  }

  /** A payment over money, credit memos or both, spread over invoices. */
  function pay(parts: { invoice: string; amount: number }[], options: PayOptions = {}): string {
    const { credits = [], fields = {}, unapplied = 0 } = options;
    const applied = parts.reduce((sum, { amount }) => sum + amount, 0);
    const credited = credits.reduce((sum, { amount }) => sum + amount, 0);
    const places = placesOf(entityOf("Invoice", parts[0]?.invoice ?? ""));
    const line = (TxnType: string, TxnId: string, amount: number) => ({
      Amount: decimal(amount, places),
      LinkedTxn: [{ TxnId, TxnType }],
    });
    const id = insert("Payment", {
      TotalAmt: decimal(applied - credited + unapplied, places),
      UnappliedAmt: decimal(unapplied, places),
      TxnDate: clock().toISOString().slice(0, 10),
      ...fields,
      Line: [
        ...parts.map(({ invoice, amount }) => line("Invoice", invoice, amount)),
        ...credits.map(({ memo, amount }) => line("CreditMemo", memo, amount)),
      ],
    });
    for (const { invoice, amount } of parts) apply(invoice, id, amount);
    return id;
  }

  function apply(invoice: string, payment: string, amount: number): void {
    const entity = entityOf("Invoice", invoice);
    const linked = linkedOf(entity);
    change("Invoice", invoice, {
      Balance: decimal(minorOf(entity.Balance) - amount, placesOf(entity)),
      LinkedTxn: [...linked, { TxnId: payment, TxnType: "Payment" }],
    });
  }

  function unapply(payment: string): void {
    for (const entity of all.Invoice.values()) {
      const linked = linkedOf(entity);
      if (!linked.some(({ TxnId }) => TxnId === payment)) continue;
      const lines = linesOf(entityOf("Payment", payment));
      const back = lines.filter((line) => line.LinkedTxn[0]?.TxnId === entity.Id);
      const amount = back.reduce((sum, line) => sum + minorOf(line.Amount), 0);
      change("Invoice", entity.Id, {
        Balance: decimal(minorOf(entity.Balance) + amount, placesOf(entity)),
        LinkedTxn: linked.filter(({ TxnId }) => TxnId !== payment),
      });
    }
  }

  return {
    all,
    deleted,
    change,
    insert,
    pay,
    /** An invoice that is live at once, over `amount` minor units with tax. */
    issue(amount: number, { docNumber, currency = "USD", customer, fields }: IssueOptions = {}) {
      const places = currency === "JPY" ? 0 : 2;
      return insert("Invoice", {
        ...(docNumber !== undefined && { DocNumber: docNumber }),
        CurrencyRef: { value: currency, name: currency },
        CustomerRef: customer ?? { value: "58", name: "Acme Industrial LLC" },
        TxnDate: "2026-11-02",
        DueDate: "2026-12-02",
        TotalAmt: decimal(amount, places),
        Balance: decimal(amount, places),
        LinkedTxn: [],
        CustomField: [{ DefinitionId: "1", Name: "Dispute", Type: "StringType" }],
        Line: [
          {
            ...{ Id: "1", LineNum: 1, Description: "Anodizing", DetailType: "SalesItemLineDetail" },
            Amount: decimal(amount, places),
            SalesItemLineDetail: { ItemRef: { value: "2", name: "Hours" }, Qty: 1 },
          },
          { Amount: decimal(amount, places), DetailType: "SubTotalLineDetail" },
        ],
        ...fields,
      });
    },
    creditMemo: (docNumber: string, fields: object = {}) =>
      insert("CreditMemo", { DocNumber: docNumber, ...fields }),
    deletePayment(id: string): void {
      unapply(id);
      remove("Payment", id);
    },
    voidInvoice(id: string): void {
      const none = decimal(0, placesOf(entityOf("Invoice", id)));
      const amounts = { TotalAmt: none, Balance: none, LinkedTxn: [] };
      change("Invoice", id, { ...amounts, PrivateNote: "Voided - duplicate" });
    },
    deleteInvoice: (id: string) => remove("Invoice", id),
  };

  function remove(kind: Kind, id: string): void {
    all[kind].delete(id);
    deleted.push({ kind, id, at: now() });
  }
}

interface PayOptions {
  credits?: { memo: string; amount: number }[];
  unapplied?: number;
  fields?: object;
}

/** QuickBooks tells whole seconds in US Pacific time. */
function pacific(date: Date): string {
  const shifted = new Date(date.getTime() - 8 * 3_600_000);
  return `${shifted.toISOString().slice(0, 19)}-08:00`;
}

function decimal(minor: number, places: number): Decimal {
  const sign = minor < 0 ? "-" : "";
  const digits = String(Math.abs(minor)).padStart(places + 1, "0");
  if (places === 0) return new Decimal(sign + digits);
  return new Decimal(`${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`);
}

function placesOf({ CurrencyRef }: Entity): number {
  return JSON.stringify(CurrencyRef ?? "").includes("JPY") ? 0 : 2;
}

function minorOf(value: unknown): number {
  if (!(value instanceof Decimal)) throw new Error("It is no amount");
  return Number(value.text.replace(".", ""));
}

interface Linked {
  TxnId: string;
  TxnType: string;
}

function linkedOf({ LinkedTxn }: Entity): Linked[] {
  return Array.isArray(LinkedTxn) ? LinkedTxn : [];
}

function linesOf({ Line }: Entity): { Amount: unknown; LinkedTxn: Linked[] }[] {
  return Array.isArray(Line) ? Line : [];
}
