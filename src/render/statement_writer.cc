#include "render/statement_writer.h"

#include <algorithm>
#include <cstring>

#include "base/decimal_digits.h"
#include "render/escape.h"

namespace billing {
namespace {

/// The literal text of a line of each format.
struct Layout {
  std::string_view line_begin;
  std::string_view before_user, before_cycle, before_task;
  std::string_view number_quote;  ///< around a cycle that is a number
  std::string_view after_part;    ///< where another part of the key follows
  std::string_view after_key;     ///< before the first figure
  std::string_view after_calls;   ///< empty: the format does not show calls
  std::string_view after_quantity;
  std::string_view after_cost;
};

constexpr Layout kText = {
    "", "", "cycle=", "task=", "", " ", ": total_duration=", "", ", total_cost=", "\n"};
constexpr Layout kCsv = {"", "", "", "", "", ",", ",", ",", ",", "\n"};
constexpr Layout kJsonl = {"{", "\"user\":",   "\"cycle\":",        "\"task\":",    "\"",
                           ",", ",\"calls\":", ",\"duration_ms\":", ",\"cost\":\"", "\"}\n"};

/// Quantities other than durations in ms have names of their own, and stand in JSON as strings.
constexpr std::string_view kTextQuantity = ": total_quantity=";
constexpr std::string_view kJsonlQuantity = ",\"quantity\":\"";
constexpr std::string_view kJsonlAfterQuantity = "\",\"cost\":\"";

Layout layout_of(const StatementFormat& format) {
  const bool is_duration = format.quantity.is_duration_ms();
  switch (format.format) {
    case OutputFormat::csv:
      return kCsv;
    case OutputFormat::jsonl: {
      Layout layout = kJsonl;
      if (is_duration) return layout;
      layout.after_calls = kJsonlQuantity;
      layout.after_quantity = kJsonlAfterQuantity;
      return layout;
    }
    case OutputFormat::text: {
      Layout layout = kText;
      if (!is_duration) layout.after_key = kTextQuantity;
      return layout;
    }
  }
  __builtin_unreachable();
}

constexpr std::size_t kStepBytes = 32;

/// All of a line but the cells of its key: four numbers, five literals, and what is scribbled
/// behind the last of them.
constexpr std::size_t kFiguresRoomBytes = 4 * kDecimalRoomBytes + 6 * kStepBytes;

/// Stays in the L1 cache, and makes the copy to the output a few large ones.
constexpr std::size_t kBufferBytes = 16 * 1024;

constexpr int kCachedPieceBits = 10;  // the days of more than two years
constexpr std::size_t kCachedPieces = std::size_t{1} << kCachedPieceBits;

/// Cycles may be multiples of anything: the upper bits of the product depend on all of theirs.
std::size_t cycle_place(std::int64_t cycle) {
  constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(cycle) * kGoldenRatio) >>
                                  (64 - kCachedPieceBits));
}

/// A name in a line of words: where it would look like several, or like a string, it is a string.
void append_word(std::string& out, std::string_view name) {
  if (name.starts_with('"') || name.find(' ') != std::string_view::npos) {
    append_json_string(out, name);
  } else {
    out += name;
  }
}

bool is_same_view(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

}  // namespace

std::string statement_header(const StatementFormat& format) {
  if (format.format != OutputFormat::csv) return {};
  std::string header;
  if (format.group_by.user) header += "user,";
  if (format.group_by.cycle) header += "cycle,";
  if (format.group_by.task) header += "task,";
  return header +
         (format.quantity.is_duration_ms() ? "calls,duration_ms,cost\n" : "calls,quantity,cost\n");
}

StatementWriter::StatementWriter(const StatementFormat& format, const TaskNames& tasks,
                                 const CyclePolicy* cycles)
    : format_(format),
      tasks_(tasks),
      cycles_(cycles),
      max_plain_quantity_(format.quantity.digits == 0 ? kMaxPlain : 0),
      buffer_(kBufferBytes) {
  if (!format.group_by.cycle) {
    cycle_form_ = CycleForm::absent;
  } else if (cycles->calls_per_cycle() > 0) {
    cycle_form_ = CycleForm::number;
  } else {
    cycle_form_ = CycleForm::label;
    cycle_pieces_.resize(kCachedPieces);
  }
  if (format.group_by.task) task_pieces_.resize(std::min(kCachedPieces, tasks.size()));
  set_frames();
  set_piece(user_, "");
  set_piece(no_part_, "");
}

void StatementWriter::append(std::span<const StatementLine> lines, std::string& out) {
  std::string_view user;  // views of an earlier call may be gone
  std::size_t used_bytes = 0;
  for (const StatementLine& line : lines) {
    if (format_.group_by.user && !is_same_view(line.user, user)) {
      user = line.user;
      set_cell(user_, user_frame_, user);
    }
    const Piece& cycle = cycle_form_ == CycleForm::label ? cycle_piece(line.cycle) : no_part_;
    const Piece& task = format_.group_by.task ? task_piece(line.task) : no_part_;
    const std::size_t room_bytes = kFiguresRoomBytes + user_.size + cycle.size + task.size;
    if (buffer_.size() - used_bytes < room_bytes) {
      out.append(buffer_.data(), used_bytes);
      used_bytes = 0;
      if (buffer_.size() < room_bytes) buffer_.resize(room_bytes);
    }
    char* const begin = buffer_.data() + used_bytes;
    used_bytes += static_cast<std::size_t>(write_line(begin, line, cycle, task) - begin);
  }
  out.append(buffer_.data(), used_bytes);
}

void StatementWriter::set_piece(Piece& piece, std::string_view text) {
  piece.size = text.size();
  piece.padded = text;
  piece.padded.append(kStepBytes, '\0');
}

/// May write up to kStepBytes behind the end that it returns.
inline char* StatementWriter::copy(char* to, const Piece& piece) {
  std::size_t done = 0;
  do {
    std::memcpy(to + done, piece.padded.data() + done, kStepBytes);
    done += kStepBytes;
  } while (done < piece.size);
  return to + piece.size;
}

/// Parts that are kept follow each other; the last one leads over to the figures.
void StatementWriter::set_frames() {
  const Layout layout = layout_of(format_);
  const GroupBy& kept = format_.group_by;
  const bool more_after_user = kept.cycle || kept.task;
  user_frame_ = {std::string(layout.line_begin) + std::string(layout.before_user),
                 std::string(more_after_user ? layout.after_part : layout.after_key)};
  cycle_frame_ = {
      std::string(kept.user ? "" : layout.line_begin) + std::string(layout.before_cycle),
      std::string(kept.task ? layout.after_part : layout.after_key)};
  const bool more_before_task = kept.user || kept.cycle;
  task_frame_ = {
      std::string(more_before_task ? "" : layout.line_begin) + std::string(layout.before_task),
      std::string(layout.after_key)};

  const std::string quote(layout.number_quote);
  set_piece(before_number_, cycle_frame_.before + quote);
  set_piece(after_number_, quote + cycle_frame_.after);
  set_piece(after_calls_, layout.after_calls);
  const bool shows_unit = format_.format == OutputFormat::text;
  set_piece(after_quantity_,
            (shows_unit ? format_.quantity.unit : "") + std::string(layout.after_quantity));
  set_piece(after_cost_, layout.after_cost);
}

void StatementWriter::set_cell(Piece& piece, const Frame& frame, std::string_view text) const {
  std::string& padded = piece.padded;
  padded = frame.before;
  switch (format_.format) {
    case OutputFormat::text:
      append_word(padded, text);
      break;
    case OutputFormat::csv:
      append_csv_cell(padded, text, format_.csv_safe);
      break;
    case OutputFormat::jsonl:
      append_json_string(padded, text);
      break;
  }
  padded += frame.after;
  piece.size = padded.size();
  padded.append(kStepBytes, '\0');
}

const StatementWriter::Piece& StatementWriter::cycle_piece(std::int64_t cycle) {
  CachedPiece& cached = cycle_pieces_[cycle_place(cycle)];
  if (cached.key != cycle || cached.piece.size == 0) {
    std::string label;
    cycles_->append_label(cycle, label);
    set_cell(cached.piece, cycle_frame_, label);
    cached.key = cycle;
  }
  return cached.piece;
}

const StatementWriter::Piece& StatementWriter::task_piece(std::uint32_t task) {
  CachedPiece& cached = task_pieces_[task % kCachedPieces];
  if (cached.key != task || cached.piece.size == 0) {
    set_cell(cached.piece, task_frame_, tasks_[task]);
    cached.key = task;
  }
  return cached.piece;
}

char* StatementWriter::write_line(char* to, const StatementLine& line, const Piece& cycle,
                                  const Piece& task) const {
  to = copy(to, user_);
  if (cycle_form_ == CycleForm::number) {
    to = copy(to, before_number_);
    to = write_decimal(to, static_cast<std::uint64_t>(line.cycle));
    to = copy(to, after_number_);
  } else {
    to = copy(to, cycle);
  }
  to = copy(to, task);
  if (format_.format != OutputFormat::text) {
    to = write_decimal(to, line.calls);
    to = copy(to, after_calls_);
  }
  const auto quantity = static_cast<std::uint64_t>(line.quantity);  // large where it is negative
  to = quantity <= max_plain_quantity_ ? write_decimal(to, quantity)
                                       : write_fraction(to, line.quantity);
  to = copy(to, after_quantity_);
  to = write_cost(to, line.cost);
  return copy(to, after_cost_);
}

char* StatementWriter::write_fraction(char* to, std::int64_t quantity) const {
  std::string decimal;
  append_shortest_amount(decimal, quantity, format_.quantity.digits);
  return to + decimal.copy(to, decimal.size());
}

char* StatementWriter::write_cost(char* to, Int128 cost) const {
  if (cost >> 64 == 0) [[likely]] {
    return write_fixed_point(to, static_cast<std::uint64_t>(cost), format_.scale);
  }
  std::string amount;
  append_amount(amount, cost, format_.scale);
  return to + amount.copy(to, amount.size());
}

}  // namespace billing
