#pragma once

namespace billing {

/// Adds up neighbours that belong together, in place: `add_if_same(Row& sum, const Row& more)` adds
/// `more` and returns true, or returns false where it is the first of another sum. Returns the new
/// end.
template <class Row, class AddIfSame>
Row* combine_neighbours(Row* begin, Row* end, const AddIfSame& add_if_same) {
  if (begin == end) return end;
  Row* last = begin;
  for (const Row* next = begin + 1; next < end; ++next) {
    if (!add_if_same(*last, *next)) *++last = *next;
  }
  return last + 1;
}

}  // namespace billing
