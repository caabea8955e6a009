"""Runs the add-on on a stand-in of Odoo; prints what it sends, one request a line."""
import datetime
import importlib.util
import json
import sys
import types
from types import SimpleNamespace as Record

sent = []
odoo, requests = types.ModuleType("odoo"), types.ModuleType("requests")


class Model:
    def _run_action_webhook(self, eval_context=None):
        sent.append({"plain": True})


class Answer:
    def raise_for_status(self):
        pass


def post(url, data, headers, timeout):
    sent.append({"url": url, "body": data.decode(), "headers": headers, "timeout": timeout})
    return Answer()


odoo.models = Record(Model=Model)
odoo.fields = Record(Datetime=Record(to_string=lambda value: value.strftime("%Y-%m-%d %H:%M:%S")))
requests.post, requests.RequestException = post, OSError
sys.modules.update(odoo=odoo, requests=requests)
spec = importlib.util.spec_from_file_location("add_on", sys.argv[1])
add_on = importlib.util.module_from_spec(spec)
spec.loader.exec_module(add_on)


class Postcommit:
    def __init__(self):
        self.data, self.callbacks = {}, []

    def add(self, callback):
        self.callbacks.append(callback)


class Environment(dict):
    pass


url, secret = "https://portal.example/webhooks/odoo", sys.argv[2]
settings = {"portal_push.url": url, "portal_push.secret": secret}
move = Record(
    id=341, name="INV/2026/00087", move_type="out_invoice", state="posted", payment_state="partial",
    currency_id=Record(name="EUR", decimal_places=2), amount_total=1150.0, amount_residual=650.0,
    invoice_date=datetime.date(2026, 11, 2), invoice_date_due=datetime.date(2026, 12, 2),
    commercial_partner_id=Record(id=44, name="Müller Präzision GmbH", ref=False), ref="PO-9",
    company_id=Record(id=1, name="Acme"), invoice_origin=False, reversed_entry_id=False,
    write_date=datetime.datetime(2026, 11, 10, 15, 2, 11, 104233),
)
parameters = Record(sudo=lambda: Record(get_param=settings.get))
environment = Environment({"ir.config_parameter": parameters, "account.move": Record(browse=lambda _: move)})
environment.cr = Record(dbname="acme-prod", postcommit=Postcommit())
environment.context = {"active_id": 341}


def action(**fields):
    made = add_on.IrActionsServer()
    made.env = environment
    made.webhook_url, made.model_id = url, Record(model="account.move")
    made.__dict__.update(fields)
    return made


action(webhook_url="https://hooks.example/other")._run_action_webhook()
action(model_id=Record(model="sale.order"))._run_action_webhook()
action()._run_action_webhook()
move.payment_state, move.amount_residual = "paid", 0.0
action()._run_action_webhook()
for callback in environment.cr.postcommit.callbacks:
    callback()
for each in sent:
    print(json.dumps(each))
