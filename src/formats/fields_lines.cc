#include "formats/fields_lines.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace billing {
namespace {

constexpr std::string_view kFields = "#Fields:";
constexpr std::string_view kBlanks = " \t\r";

/// Calls `take` with the columns of each such line that ends within the bytes.
template <class Take>
void for_each_fields_line(std::string_view bytes, bool at_input_start, const Take& take) {
  const std::size_t mark =
      at_input_start && bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (std::size_t at = bytes.find(kFields); at != std::string_view::npos;
       at = bytes.find(kFields, at + 1)) {
    if (at != mark && (at == 0 || bytes[at - 1] != '\n')) continue;
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) return;
    const std::size_t begin = at == mark ? 0 : at;
    const bool has_cr = bytes[end - 1] == '\r';
    if (end - begin - (has_cr ? 1 : 0) > kMaxFieldsLineBytes) continue;
    take(*columns_of(bytes.substr(at, end - at)));
  }
}

class FieldsCutter final : public RecordCutter {
 public:
  FieldsCutter(std::vector<std::string> columns, bool at_input_start)
      : state_(std::make_shared<ColumnsState>(std::move(columns))),
        is_at_input_start_(at_input_start) {}

  std::size_t first_end(std::string_view bytes, std::size_t from) override {
    return lines_.first_end(bytes, from);
  }
  std::size_t last_end(std::string_view bytes, std::size_t from) override {
    return lines_.last_end(bytes, from);
  }
  std::size_t skip(std::string_view more) override { return lines_.skip(more); }

  std::shared_ptr<const RecordState> pass(std::string_view chunk) override {
    state_ = columns_behind(std::move(state_), chunk, is_at_input_start_);
    is_at_input_start_ = is_at_input_start_ && chunk.empty();
    return state_;
  }

 private:
  LineCutter lines_;
  std::shared_ptr<const RecordState> state_;
  bool is_at_input_start_;
};

}  // namespace

std::vector<std::string> columns_in(const RecordState* state,
                                    const std::vector<std::string>& otherwise) {
  const auto* const columns = dynamic_cast<const ColumnsState*>(state);
  return columns == nullptr ? otherwise : columns->columns();
}

std::optional<std::vector<std::string>> columns_of(std::string_view line) {
  if (!line.starts_with(kFields)) return std::nullopt;
  line.remove_prefix(kFields.size());
  std::vector<std::string> columns;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return columns;
    const std::size_t size = std::min(line.find_first_of(kBlanks), line.size());
    columns.emplace_back(line.substr(0, size));
    line.remove_prefix(size);
  }
}

std::shared_ptr<const RecordState> columns_behind(std::shared_ptr<const RecordState> state,
                                                  std::string_view records, bool at_input_start) {
  std::optional<std::vector<std::string>> last;
  for_each_fields_line(records, at_input_start,
                       [&last](std::vector<std::string> columns) { last = std::move(columns); });
  return last ? std::make_shared<ColumnsState>(std::move(*last)) : std::move(state);
}

std::vector<std::string> all_columns(std::string_view bytes, std::vector<std::string> names) {
  for_each_fields_line(bytes, true, [&names](const std::vector<std::string>& columns) {
    for (const std::string& column : columns) {
      if (std::find(names.begin(), names.end(), column) == names.end()) names.push_back(column);
    }
  });
  return names;
}

std::unique_ptr<RecordCutter> make_fields_cutter(std::vector<std::string> columns,
                                                 bool at_input_start) {
  return std::make_unique<FieldsCutter>(std::move(columns), at_input_start);
}

}  // namespace billing
