// Shows an invoice again when it changed, unless a person is typing; without this a reload does it.
const shown = document.getElementById("invoice");
const changed = document.getElementById("changed");
let touched = false;
document.addEventListener("input", () => {
  touched = true;
});

async function look() {
  const response = await fetch(`${shown.dataset.path}/version`).catch(() => null);
  if (!response?.ok || (await response.text()) === shown.dataset.version) return;
  if (touched) changed.hidden = false;
  else location.reload();
}

setInterval(look, 2000);
