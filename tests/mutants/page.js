"use strict";
// Narrows the table of mutants; what is shown stands in the address.

const fields = [...document.querySelectorAll(".tools [name]")];
const rows = [...document.querySelectorAll("tr[data-module]")];
const count = document.getElementById("count");

function narrow() {
  const wanted = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const text = wanted.text.toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = ["module", "outcome", "kind"].every((name) => !wanted[name] || wanted[name] === "all" || row.dataset[name] === wanted[name])
      && (!text || row.textContent.toLowerCase().includes(text));
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  count.textContent = `${shown} of ${rows.length} mutants`;
}

function read() {
  const query = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) field.value = query.get(field.name) ?? field.dataset.usual ?? "";
  narrow();
}

function write() {
  const query = new URLSearchParams();
  for (const field of fields) if (field.value !== (field.dataset.usual ?? "")) query.set(field.name, field.value);
  history.replaceState(null, "", `#${query}`);
  narrow();
}

for (const field of fields) field.addEventListener("input", write);
window.addEventListener("hashchange", read);
read();
