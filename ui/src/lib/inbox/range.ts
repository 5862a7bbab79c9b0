// Which rows of a long list are to be drawn, and where. Pure arithmetic, in pixels.
export interface Range {
  /** First row drawn. */
  start: number;
  /** After the last row drawn. */
  end: number;
}

/** Rows of one height. */
export function fixedRange(scrollTop: number, viewport: number, height: number, count: number, overscan = 6): Range {
  const start = Math.max(0, Math.floor(scrollTop / height) - overscan);
  const end = Math.min(count, Math.ceil((scrollTop + viewport) / height) + overscan);
  return { start: Math.min(start, end), end };
}

/** Where each row begins, and after the last one where all end. */
export function offsets(keys: readonly string[], height: (key: string, index: number) => number): Float64Array {
  const result = new Float64Array(keys.length + 1);
  for (let at = 0; at < keys.length; at += 1) result[at + 1] = result[at]! + height(keys[at]!, at);
  return result;
}

/** The row at a distance from the top. */
export function rowAt(tops: Float64Array, y: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Rows of many heights. */
export function visibleRange(tops: Float64Array, scrollTop: number, viewport: number, overscan = 400): Range {
  const count = tops.length - 1;
  if (count <= 0) return { start: 0, end: 0 };
  return {
    start: rowAt(tops, Math.max(0, scrollTop - overscan)),
    end: Math.min(count, rowAt(tops, scrollTop + viewport + overscan) + 1),
  };
}
