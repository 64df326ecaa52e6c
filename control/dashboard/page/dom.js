// Making and changing elements. Everything is inserted as text: nothing here, or
// anywhere on this page, reads a string as HTML.

/// el('a', {href: '#x', class: 'mono'}, 'text', child): a new element; a null
/// attribute or child is left out.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/// The element with this id.
export const byId = (id) => document.getElementById(id);

/// Sets an element's text if it is another one.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/// Makes the children of `parent` those for `items`, in their order. An item
/// whose key is there already keeps its element, and so focus and selection;
/// `draw` makes its content when `same` says that it has changed.
export function reconcile(parent, items, { key, make, draw, same = Object.is }) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = old.get(name);
    old.delete(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    if (!('item' in child) || !same(child.item, item)) {
      draw(child, item);
      child.item = item;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const gone of old.values()) gone.remove();
}

/// Whether two answers of the node say the same.
export const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);
