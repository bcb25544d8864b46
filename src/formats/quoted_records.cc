#include "formats/quoted_records.h"

#include <algorithm>
#include <cstring>

#include "base/text_lines.h"
#include "base/utf8.h"
#include "formats/block_kernel.h"
#include "formats/record_count.h"

namespace billing {
namespace {

constexpr char kQuote = '"';

/// The state of all records up to the header. Those behind it have none.
class BeforeHeader final : public RecordState {};

const std::shared_ptr<const RecordState>& before_header() {
  static const std::shared_ptr<const RecordState> state = std::make_shared<BeforeHeader>();
  return state;
}

/// Whether a record of such bytes, that begin with one, is not blank.
bool holds_record(std::string_view chunk) {
  while (!chunk.empty()) {
    std::string_view record = next_line(chunk);
    if (record.ends_with('\r')) record.remove_suffix(1);
    if (!record.empty()) return true;
  }
  return false;
}

bool has_odd_quotes(std::string_view bytes) {
  return count_byte(bytes, kQuote, best_simd_level()) % 2 != 0;
}

/// The quotes of one chunk after the other. Bytes that were looked at once for a chunk are not
/// looked at again.
class QuotedCutter final : public RecordCutter {
 public:
  QuotedCutter(bool has_quotes, bool has_header)
      : has_quotes_(has_quotes), is_before_header_(has_header) {}

  std::size_t first_end(std::string_view bytes, std::size_t from) override {
    go_to(bytes, from);
    return has_quotes_ ? end_from(bytes, from, is_inside_) : LineCutter().first_end(bytes, from);
  }

  std::size_t last_end(std::string_view bytes, std::size_t from) override {
    if (!has_quotes_) return LineCutter().last_end(bytes, from);
    go_to(bytes, from);
    is_inside_at_end_ = is_inside_ ^ has_odd_quotes(bytes.substr(from));
    // Backwards: mostly the last line end is it.
    bool is_inside = is_inside_at_end_;
    for (std::size_t at = bytes.size(); at > from; --at) {
      if (bytes[at - 1] == kQuote) is_inside = !is_inside;
      if (bytes[at - 1] == '\n' && !is_inside) return at;
    }
    return kNone;
  }

  std::size_t skip(std::string_view more) override {
    if (!has_quotes_) return LineCutter().skip(more);
    const std::size_t end = end_from(more, 0, is_inside_at_end_);
    is_inside_at_end_ ^= has_odd_quotes(more);
    return end;
  }

  std::shared_ptr<const RecordState> pass(std::string_view chunk) override {
    looked_at_ = 0;
    is_inside_ = false;
    std::string_view records = chunk;
    if (is_at_start_ && records.starts_with(kByteOrderMark))
      records.remove_prefix(kByteOrderMark.size());
    if (!chunk.empty()) is_at_start_ = false;
    if (is_before_header_ && holds_record(records)) is_before_header_ = false;
    return is_before_header_ ? before_header() : nullptr;
  }

 private:
  /// Counts the quotes before `from`.
  void go_to(std::string_view bytes, std::size_t from) {
    if (!has_quotes_) return;
    if (from < looked_at_) {
      looked_at_ = 0;
      is_inside_ = false;
    }
    is_inside_ ^= has_odd_quotes(bytes.substr(looked_at_, from - looked_at_));
    looked_at_ = from;
  }

  static std::size_t end_from(std::string_view bytes, std::size_t from, bool is_inside) {
    for (std::size_t at = from; at < bytes.size();) {
      const std::size_t quote = std::min(bytes.find(kQuote, at), bytes.size());
      if (!is_inside) {
        const std::size_t newline = bytes.substr(at, quote - at).find('\n');
        if (newline != std::string_view::npos) return at + newline + 1;
      }
      is_inside = !is_inside;
      at = quote + 1;
    }
    return kNone;
  }

  bool has_quotes_;
  bool is_before_header_;
  bool is_at_start_ = true;
  std::size_t looked_at_ = 0;      ///< of the chunk that is being cut
  bool is_inside_ = false;         ///< of quotes, there
  bool is_inside_at_end_ = false;  ///< where last_end() and skip() have come to
};

}  // namespace

std::size_t quoted_record_end(std::string_view bytes, std::size_t from) {
  QuotedCutter cutter(true, false);
  return std::min(cutter.first_end(bytes, from), bytes.size());
}

std::uint64_t count_quoted_records(std::string_view bytes, SimdLevel simd) {
  if (bytes.empty()) return 0;
  bool is_inside = false;
  const std::uint64_t line_ends = block_kernels(simd).count_quoted_lines(bytes, is_inside);
  const bool is_open = is_inside || bytes.back() != '\n';
  return line_ends + (is_open ? 1 : 0);
}

std::unique_ptr<RecordCutter> make_quoted_cutter(bool has_quotes, bool has_header) {
  return std::make_unique<QuotedCutter>(has_quotes, has_header);
}

bool is_before_header(const RecordState* state) {
  return dynamic_cast<const BeforeHeader*>(state) != nullptr;
}

}  // namespace billing
