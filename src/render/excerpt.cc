#include "render/excerpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/text_columns.h"
#include "base/utf8.h"
#include "billing/reject.h"

namespace billing {
namespace {

constexpr std::string_view kBlanks = " \t";

/// One character as it is shown.
struct Piece {
  std::string text;
  std::size_t columns;
};

/// A run of them.
struct Pieces {
  std::deque<Piece> pieces;
  std::size_t columns = 0;
  bool is_cut = false;  ///< an ellipsis stands for the rest

  std::size_t shown_columns() const { return columns + (is_cut ? 1 : 0); }
};

Pieces pieces_of(std::string_view bytes) {
  Pieces all;
  while (!bytes.empty()) {
    const std::size_t size = std::max<std::size_t>(1, utf8_sequence_bytes(bytes, 0));
    Piece piece;
    append_escaped(piece.text, bytes.substr(0, size));
    piece.columns = text_columns(piece.text);
    all.columns += piece.columns;
    all.pieces.push_back(std::move(piece));
    bytes.remove_prefix(size);
  }
  return all;
}

/// Up to a few bytes earlier, so that a character is not cut in two.
std::size_t character_start(std::string_view text, std::size_t at) {
  const auto continues_character = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  for (int back = 0; back < 3 && at > 0 && at < text.size() && continues_character(at); ++back) {
    --at;
  }
  return at;
}

/// What stands before the place, as much of its end as fits.
Pieces end_of(std::string_view bytes, std::size_t columns) {
  const std::size_t begin =
      character_start(bytes, bytes.size() > columns ? bytes.size() - columns : 0);
  Pieces before = pieces_of(bytes.substr(begin));
  before.is_cut = begin > 0;
  while (before.shown_columns() > columns && !before.pieces.empty()) {
    before.columns -= before.pieces.front().columns;
    before.pieces.pop_front();
    before.is_cut = true;
  }
  return before;
}

/// What stands from the place on, as much of its start as fits.
Pieces start_of(std::string_view bytes, std::size_t columns) {
  const std::size_t end = character_start(bytes, std::min(columns * 4, bytes.size()));
  Pieces after = pieces_of(bytes.substr(0, end));
  after.is_cut = end < bytes.size();
  while (after.shown_columns() > columns && !after.pieces.empty()) {
    after.columns -= after.pieces.back().columns;
    after.pieces.pop_back();
    after.is_cut = true;
  }
  return after;
}

std::string text_of(const Pieces& all) {
  std::string text;
  for (const Piece& piece : all.pieces) text += piece.text;
  return text;
}

}  // namespace

void append_excerpt(std::string& out, std::string_view file, const RejectedRecord& reject,
                    std::size_t columns) {
  const std::string_view text = reject.excerpt;
  const std::size_t place =
      std::min<std::size_t>(reject.column - 1 - reject.excerpt_begin, text.size());
  Pieces before = end_of(text.substr(0, place), columns / 2);
  before.is_cut |= reject.excerpt_begin > 0;
  Pieces after = start_of(text.substr(place), columns - before.shown_columns());
  after.is_cut |= reject.excerpt_begin + text.size() < reject.record_bytes;
  out += "  ";
  append_escaped(out, file);
  out += fmt::format(":{}:{}: {}\n    {}{}{}{}\n    {:>{}}\n", reject.line, reject.column,
                     reject_reason_name(reject.reason), before.is_cut ? "…" : "", text_of(before),
                     text_of(after), after.is_cut ? "…" : "", '^', before.shown_columns() + 1);
}

}  // namespace billing
