// Tells what is wrong with how a page looks: a list of lines, empty when all is well.
() => {
  const wrong = []
  const numbers = color => color.match(/[\d.]+/g).map(Number)
  const light = ([r, g, b]) => {
    const part = value => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
  }
  const contrast = (one, other) => {
    const [low, high] = [light(numbers(one)), light(numbers(other))].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor
      if ((numbers(color)[3] ?? 1) === 1) return color
    }
    return "rgb(255, 255, 255)"
  }
  const seen = element => element.checkVisibility() && element.getClientRects().length > 0 && !element.closest(".unseen, .skip")
  const named = element => `${element.tagName.toLowerCase()} "${(element.textContent || element.id).trim().slice(0, 30)}"`

  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`${document.documentElement.scrollWidth} pixels wide`)
  for (const element of document.body.querySelectorAll("*")) {
    if (!seen(element)) continue
    const style = getComputedStyle(element)
    if ([...element.childNodes].some(each => each.nodeType === Node.TEXT_NODE && each.data.trim())) {
      const size = parseFloat(style.fontSize)
      const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5
      const found = contrast(style.color, ground(element))
      if (found < least) wrong.push(`contrast ${found.toFixed(2)}: ${named(element)}`)
    }
    if (element.matches("input, select, textarea") && contrast(style.borderTopColor, ground(element.parentElement)) < 3)
      wrong.push(`the edge can't be seen: ${named(element)}`)
    if (element.matches("button, input, select, textarea, summary, header a")) {
      const { width, height } = element.getBoundingClientRect()
      if (width < 24 || height < 24) wrong.push(`${width} by ${height}: ${named(element)}`)
    }
  }
  return wrong
}
