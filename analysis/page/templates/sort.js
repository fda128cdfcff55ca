"use strict";
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const written = Array.from(body.rows);
  if (written.length < 2) continue;
  const heads = Array.from(table.tHead.rows[0].cells);
  const valueOf = (row, place) => {
    const cell = row.cells[place];
    const text = cell.firstElementChild ? cell.firstElementChild.textContent : cell.textContent;
    return cell.dataset.sort === "" ? (text === "-" ? null : text) : Number(cell.dataset.sort);
  };
  const compare = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other));
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", next);
      const rows = written.slice();
      if (next !== "none") {
        const sign = next === "ascending" ? 1 : -1;
        rows.sort((first, second) => {
          const [one, other] = [valueOf(first, place), valueOf(second, place)];
          if (one === null || other === null) return (one === null) - (other === null);
          return sign * compare(one, other);
        });
      }
      body.append(...rows);
    });
  });
}
