/**
 * What runs in the page: sorting, downloads, and printing with the data tables open. It needs nothing but the
 * document.
 */
export const clientScript = `'use strict'
for (const table of document.querySelectorAll('table[data-sortable]')) {
  const heads = [...table.tHead.rows[0].cells]
  heads.forEach((head, column) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener('click', () => {
      const now = head.getAttribute('aria-sort')
      const next = now === null ? head.dataset.first : now === 'ascending' ? 'descending' : 'ascending'
      for (const other of heads) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', next)
      const sign = next === 'ascending' ? 1 : -1
      const numeric = head.classList.contains('number')
      const value = (row) => row.cells[column].dataset.value
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)]
        if (x === '' || y === '') return (x === '') - (y === '')
        return sign * (numeric ? x - y : x.localeCompare(y, 'en', { numeric: true }))
      })
      table.tBodies[0].append(...rows)
    })
  })
}

const { json, csv, name } = JSON.parse(document.getElementById('numbers').textContent)
const files = {
  json: () => [name + '.json', 'application/json', JSON.stringify(json, null, 2) + '\\n'],
  csv: () => [name + '.csv', 'text/csv', csv],
}
for (const button of document.querySelectorAll('button[data-download]')) {
  button.hidden = false
  button.addEventListener('click', () => {
    const [file, type, content] = files[button.dataset.download]()
    const url = URL.createObjectURL(new Blob([content], { type }))
    const link = document.createElement('a')
    link.href = url
    link.download = file
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60000)
  })
}

addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})
`
