/** The ERP says no: `status` is the HTTP answer, the message is what the asker is told. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}
