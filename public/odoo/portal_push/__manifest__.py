{
    "name": "Invoice status portal",
    "summary": "Tells an invoice status portal of each change of an invoice, signed",
    "version": "1.1.0",
    "license": "Other OSI approved licence",
    "category": "Accounting",
    "depends": ["account", "base_automation"],
    "external_dependencies": {"python": ["requests"]},
    "installable": True,
}
