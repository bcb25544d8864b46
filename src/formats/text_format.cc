#include "formats/text_format.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/decimal_digits.h"
#include "base/utf8.h"
#include "formats/batch_quantity.h"
#include "formats/text_kernel.h"
#include "formats/text_record.h"

namespace billing {
namespace {

/// Below this, one cursor is as good as several.
constexpr std::size_t kMinInterleavedBytes = 16 * 1024;

/// The first record border at or after `at`.
const char* next_record(const char* at, const char* end) {
  const void* const newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
  return newline == nullptr ? end : static_cast<const char*>(newline) + 1;
}

/// Where the duration of a line that is an event begins: it is the last field.
std::uint32_t duration_column(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t last = line.find_last_not_of(kBlanks);
  return static_cast<std::uint32_t>(line.find_last_of(kBlanks, last) + 2);
}

/// Runs kernels over cursors, decides on the records that they hand back, and passes batches on.
class TextDecoder {
 public:
  TextDecoder(const RecordBytes& records, const MediationOptions& options, std::int64_t scale,
              EventBatch& batch, const BatchSink& on_batch, const RejectSink& on_reject)
      : bytes_(records.bytes),
        mark_bytes_(records.at_input_start && bytes_.starts_with(kByteOrderMark)
                        ? kByteOrderMark.size()
                        : 0),
        max_record_bytes_(options.max_record_bytes),
        kernels_(text_kernels(options.simd)),
        scale_(scale),
        batch_(batch),
        on_batch_(on_batch),
        on_reject_(on_reject) {
    const std::size_t reach = std::min(records.readable_bytes, kTextKernelReachBytes);
    // The last record may lack its line end; what stands behind it must not be taken for one.
    const std::size_t complete_bytes = bytes_.rfind('\n') + 1;  // 0 where there is no line end
    fast_end_ = bytes_.data() + std::min(records.readable_bytes - reach, complete_bytes);
  }

  MediationCounts run() {
    batch_.size = 0;
    if (bytes_.size() >= kMinInterleavedBytes) {
      auto cursors = cut();
      const auto starts = cursors;
      std::size_t stopped = 0;
      do {
        stopped = kernels_.interleaved(cursors.data(), batch_);
      } while (resume(cursors, stopped));
      for (std::size_t i = 0; i < kTextCursors; ++i) finish(cursors[i], starts[i].at);
    } else {
      TextCursor cursor = make_cursor(bytes_.data(), bytes_.data() + bytes_.size());
      finish(cursor, cursor.at);
    }
    flush();
    counts_.records = counts_.events + counts_.rejects + counts_.blanks;
    return counts_;
  }

 private:
  TextCursor make_cursor(const char* at, const char* end) const {
    return {at, end, std::min(end, fast_end_), bytes_.data()};
  }

  std::array<TextCursor, kTextCursors> cut() const {
    std::array<TextCursor, kTextCursors> cursors;
    const char* at = bytes_.data();
    const char* const end = at + bytes_.size();
    for (std::size_t i = 0; i < kTextCursors; ++i) {
      const char* target = bytes_.data() + bytes_.size() * (i + 1) / kTextCursors;
      const char* stop = i + 1 == kTextCursors ? end : next_record(std::max(at, target - 1), end);
      cursors[i] = make_cursor(at, stop);
      at = stop;
    }
    return cursors;
  }

  /// Gets the kernel out of the way of what stopped it. False when that cursor's segment is at its
  /// end.
  bool resume(std::array<TextCursor, kTextCursors>& cursors, std::size_t stopped) {
    if (stopped == kTextCursors) {
      flush();
      return true;
    }
    if (cursors[stopped].at >= cursors[stopped].end) return false;
    decide(cursors[stopped]);
    return true;
  }

  /// Takes one cursor to the end of its segment, which begins at `start`.
  void finish(TextCursor& cursor, const char* start) {
    while (cursor.at < cursor.end) {
      if (kernels_.single(&cursor, batch_) == kTextCursors) {
        flush();
      } else if (cursor.at < cursor.end) {
        decide(cursor);
      }
    }
    counts_.bytes += static_cast<std::uint64_t>(cursor.at - start);
  }

  /// The careful path, for one record.
  void decide(TextCursor& cursor) {
    const char* const next = next_record(cursor.at, bytes_.data() + bytes_.size());
    const bool has_newline = next[-1] == '\n';
    const std::string_view line(cursor.at,
                                static_cast<std::size_t>(next - cursor.at) - (has_newline ? 1 : 0));
    const auto offset_bytes = static_cast<std::uint64_t>(cursor.at - bytes_.data());
    TextRecord record;
    const TextDecision decision = decide_on(line, offset_bytes == 0 ? mark_bytes_ : 0, record);
    switch (decision.outcome) {
      case TextOutcome::event:
        append(record, offset_bytes);
        break;
      case TextOutcome::blank:
        ++counts_.blanks;
        break;
      case TextOutcome::reject:
        ++counts_.rejects;
        on_reject_({decision.reason, decision.column, offset_bytes, line.size()});
        break;
    }
    cursor.at = next;
  }

  /// `mark_bytes` of the line are a byte order mark, which belongs to the record like a blank.
  TextDecision decide_on(std::string_view line, std::size_t mark_bytes, TextRecord& record) const {
    const std::size_t cr_bytes = line.ends_with('\r') ? 1 : 0;
    if (line.size() - cr_bytes > max_record_bytes_)
      return {TextOutcome::reject, RejectReason::too_long, 1};
    TextDecision decision = decode_text_record(line.substr(mark_bytes), record);
    decision.column += static_cast<std::uint32_t>(mark_bytes);
    return decision;
  }

  void append(const TextRecord& record, std::uint64_t offset_bytes) {
    if (batch_.full()) flush();
    const std::size_t n = batch_.size++;
    batch_.time_ns[n] = record.time_ns;
    batch_.user[n] = record.user;
    batch_.task[n] = record.task;
    batch_.status[n] = record.status;
    batch_.quantity[n] = record.duration_ms;
    batch_.offset_bytes[n] = offset_bytes;
  }

  /// Brings quantities to the digits that are kept, and takes out those that become too large.
  void scale() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < batch_.size; ++i) {
      const std::uint64_t offset_bytes = batch_.offset_bytes[i];
      if (batch_.quantity[i] > kMaxQuantity / scale_) {
        const std::string_view rest = bytes_.substr(offset_bytes);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        ++counts_.rejects;
        on_reject_({RejectReason::bad_duration, duration_column(line), offset_bytes, line.size()});
        continue;
      }
      batch_.move(i, kept);
      batch_.quantity[kept++] *= scale_;
    }
    batch_.size = kept;
  }

  void flush() {
    if (scale_ != 1) scale();
    counts_.events += batch_.size;
    counts_.quantity += quantity_of(batch_);
    if (batch_.size > 0) on_batch_(batch_);
    batch_.size = 0;
  }

  const std::string_view bytes_;
  const std::size_t mark_bytes_;
  const std::uint64_t max_record_bytes_;
  const TextKernels& kernels_;
  const std::int64_t scale_;
  EventBatch& batch_;
  const BatchSink& on_batch_;
  const RejectSink& on_reject_;
  const char* fast_end_;
  MediationCounts counts_;
};

class TextFormat final : public InputFormat {
 public:
  explicit TextFormat(int digits)
      : InputFormat(RecordFormat{.quantity = {.digits = digits}}),
        scale_(static_cast<std::int64_t>(kPowersOfTen[static_cast<std::size_t>(digits)])) {}

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override {
    return TextDecoder(records, options, scale_, batch, on_batch, on_reject).run();
  }

  std::uint32_t task_column(std::string_view record) const override {
    const std::size_t mark_bytes = record.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    TextRecord decoded;
    if (decode_text_record(record.substr(mark_bytes), decoded).outcome != TextOutcome::event)
      return 1;
    return static_cast<std::uint32_t>(decoded.task.data() - record.data() + 1);
  }

 private:
  std::int64_t scale_;
};

}  // namespace

const std::shared_ptr<const InputFormat>& text_format() {
  static const std::shared_ptr<const InputFormat> format = std::make_shared<TextFormat>(0);
  return format;
}

std::shared_ptr<const InputFormat> make_text_format(int digits) {
  return digits == 0 ? text_format() : std::make_shared<TextFormat>(digits);
}

}  // namespace billing
