// Tables as text, after RFC 4180.

/** Rows of fields between `separator`s. Quotes, doubled quotes, line ends within quotes, and a byte-order mark are understood. */
export function parse(text, separator = ",") {
  const rows = [];
  let row = [];
  let field = "";
  let quoted = false;
  const endRow = () => {
    row.push(field);
    field = "";
    // A blank line is none.
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  for (let index = text.startsWith("\ufeff") ? 1 : 0; index < text.length; index += 1) {
    const letter = text[index];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[index + 1] === '"') field += text[(index += 1)];
      else quoted = false;
    } else if (letter === '"' && field === "") quoted = true;
    else if (letter === separator) {
      row.push(field);
      field = "";
    } else if (letter === "\n") endRow();
    else if (letter !== "\r" || text[index + 1] !== "\n") field += letter;
  }
  if (field !== "" || row.length) endRow();
  return rows;
}

/** Rows of fields as text. */
export function write(rows) {
  const spelt = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map((value) => spelt(String(value ?? ""))).join(",")).join("\n") + "\n";
}
