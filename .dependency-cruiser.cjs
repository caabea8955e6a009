/**
 * The arrows of the architecture: imports point one way, and never in a circle.
 * @type {import("dependency-cruiser").IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Imports that are needed at run time never lead back to where they began.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "domain-is-pure",
      comment: "Rules and words know nothing of ours but the errors.",
      severity: "error",
      from: { path: "^domain/" },
      to: { path: "^(app|server|db|demo|test)/", pathNot: "^server/errors\\.ts" },
    },
    {
      name: "database-knows-the-domain-only",
      severity: "error",
      from: { path: "^db/" },
      to: { path: "^(app|server|demo|test)/", pathNot: "^server/errors\\.ts" },
    },
    {
      name: "ledger-knows-database-and-domain",
      comment: "Who listens to the ledger is unknown to it.",
      severity: "error",
      from: { path: "^server/ledger/" },
      to: {
        path: "^(app|server|demo|test)/",
        pathNot: "^server/(ledger/|errors\\.ts|context\\.ts|thread\\.ts)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "connectors-translate-only",
      comment: "A connector turns a system's words into changes: no database, no ledger.",
      severity: "error",
      from: { path: "^server/connectors/" },
      to: {
        path: "^(app|server|db|demo|test)/",
        pathNot: "^server/(connectors/|errors\\.ts)",
      },
    },
    {
      name: "live-listens",
      comment: "Live subscribes to what was committed; nothing that writes may know it.",
      severity: "error",
      from: {
        path: "^server/(webhooks|reconcile|disputes|people|customers|supplier|deliveries|audit|notices|connections|connectors|access|outbox|ledger|commands)/",
      },
      to: { path: "^server/live/" },
    },
    {
      name: "sockets-in-one-folder",
      severity: "error",
      from: { path: "^(app|server|db)/", pathNot: "^(server|app)/live" },
      to: { path: "^node_modules/socket\\.io" },
    },
    {
      name: "nobody-imports-pages",
      severity: "error",
      from: { path: "^(server|db|demo)/" },
      to: { path: "^app/" },
    },
    {
      name: "nobody-imports-an-entry",
      severity: "error",
      from: {},
      to: { path: "^server/(main|portal)\\.ts$" },
    },
    {
      name: "product-without-demo-and-tests",
      severity: "error",
      from: { path: "^(app|server|db|domain)/" },
      to: { path: "^(demo|test|bench)/" },
    },
    {
      name: "demo-erp-is-another-company",
      comment: "The stand-in ERP talks to the portal over HTTP, as any ERP would.",
      severity: "error",
      from: { path: "^demo/erp/" },
      to: { path: "^(app|server|db)/" },
    },
    {
      name: "no-development-packages",
      severity: "error",
      // pages.ts loads Vite for development alone, when it is asked to.
      from: { path: "^(app|server|db|domain)/", pathNot: "^server/http/pages\\.ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(virtual:|\\./build/|.*\\.css)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(build|data)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      conditionNames: ["import", "require", "node", "default", "types"],
      exportsFields: ["exports"],
    },
  },
};
