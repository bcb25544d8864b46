#include "arrow_import.h"

#include <charconv>
#include <cstring>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing::python {
namespace {

constexpr std::pair<std::string_view, ArrowKind> kKinds[] = {
    {"u", ArrowKind::utf8},     {"U", ArrowKind::large_utf8}, {"vu", ArrowKind::utf8_view},
    {"c", ArrowKind::int8},     {"s", ArrowKind::int16},      {"i", ArrowKind::int32},
    {"l", ArrowKind::int64},    {"C", ArrowKind::uint8},      {"S", ArrowKind::uint16},
    {"I", ArrowKind::uint32},   {"L", ArrowKind::uint64},     {"e", ArrowKind::floating},
    {"f", ArrowKind::floating}, {"g", ArrowKind::floating}};

/// `d:19,3`, also with `,128` behind it.
bool read_decimal(std::string_view format, int& scale) {
  if (!format.starts_with("d:")) return false;
  const std::size_t comma = format.find(',');
  if (comma == std::string_view::npos) return false;
  const std::string_view rest = format.substr(comma + 1);
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), scale);
  const std::string_view bits(end, static_cast<std::size_t>(rest.data() + rest.size() - end));
  return problem == std::errc() && (bits.empty() || bits == ",128") && scale >= 0 && scale <= 38;
}

/// `tsu:` with a zone or nothing behind it.
bool read_timestamp(std::string_view format, ArrowType& type) {
  if (!format.starts_with("ts") || format.size() < 4 || format[3] != ':') return false;
  constexpr std::pair<char, std::int64_t> kUnits[] = {
      {'s', 1'000'000'000}, {'m', 1'000'000}, {'u', 1'000}, {'n', 1}};
  for (const auto& [letter, unit_ns] : kUnits) {
    if (format[2] != letter) continue;
    type.unit_ns = unit_ns;
    type.has_zone = format.size() > 4;
    return true;
  }
  return false;
}

ArrowType type_of_format(std::string_view format) {
  ArrowType type;
  type.format = format;
  for (const auto& [letters, kind] : kKinds) {
    if (format == letters) type.kind = kind;
  }
  if (read_decimal(format, type.scale)) type.kind = ArrowKind::decimal128;
  if (read_timestamp(format, type)) type.kind = ArrowKind::timestamp;
  return type;
}

template <class Value>
Value value_at(const void* buffer, std::int64_t at) {
  Value value;
  std::memcpy(&value,
              static_cast<const char*>(buffer) + at * static_cast<std::int64_t>(sizeof(Value)),
              sizeof(Value));
  return value;
}

Int128 integer_at(ArrowKind kind, const void* buffer, std::int64_t at) {
  switch (kind) {
    case ArrowKind::int8:
      return value_at<std::int8_t>(buffer, at);
    case ArrowKind::int16:
      return value_at<std::int16_t>(buffer, at);
    case ArrowKind::int32:
      return value_at<std::int32_t>(buffer, at);
    case ArrowKind::uint8:
      return value_at<std::uint8_t>(buffer, at);
    case ArrowKind::uint16:
      return value_at<std::uint16_t>(buffer, at);
    case ArrowKind::uint32:
      return value_at<std::uint32_t>(buffer, at);
    case ArrowKind::uint64:
      return value_at<std::uint64_t>(buffer, at);
    case ArrowKind::decimal128:
      return value_at<Int128>(buffer, at);
    default:
      return value_at<std::int64_t>(buffer, at);
  }
}

/// How many buffers an array of a kind has at least, its validity among them.
std::int64_t buffers_of(ArrowKind kind) {
  if (kind == ArrowKind::utf8 || kind == ArrowKind::large_utf8 || kind == ArrowKind::utf8_view)
    return 3;
  return 2;
}

[[noreturn]] void refuse(const std::string& name, const char* what) {
  throw Error(ErrorKind::run, "column " + quoted_text(name) + " of the table is damaged: " + what);
}

/// Of so many values, or dictionary's.
void check_array(const std::string& name, ArrowKind kind, const ArrowArray& array,
                 std::int64_t least_length) {
  if (array.length < 0 || array.offset < 0 || array.length < least_length)
    refuse(name, "it has too few rows");
  if (array.n_buffers < buffers_of(kind) || array.buffers == nullptr)
    refuse(name, "it lacks a buffer");
  if (array.length == 0) return;
  if (array.buffers[1] == nullptr) refuse(name, "it lacks a buffer");
  const bool is_view = kind == ArrowKind::utf8_view;
  for (std::int64_t i = 2; is_view && i < array.n_buffers - 1; ++i) {
    if (array.buffers[i] == nullptr || array.buffers[array.n_buffers - 1] == nullptr)
      refuse(name, "it lacks a buffer");
  }
}

/// Of offsets of either width.
template <class Offset>
std::optional<std::string_view> slice_at(const ArrowArray& array, std::int64_t at) {
  const auto begin = value_at<Offset>(array.buffers[1], at);
  const auto end = value_at<Offset>(array.buffers[1], at + 1);
  const auto last = value_at<Offset>(array.buffers[1], array.offset + array.length);
  if (begin < 0 || end < begin || end > last) return std::nullopt;
  if (begin == end) return std::string_view();
  if (array.buffers[2] == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(array.buffers[2]) + begin,
                          static_cast<std::size_t>(end - begin));
}

/// A view: its length; then up to 12 bytes of text, or 4, a buffer and an offset there.
std::optional<std::string_view> view_at(const ArrowArray& array, std::int64_t at) {
  constexpr std::int32_t kInlineBytes = 12;
  const char* const view = static_cast<const char*>(array.buffers[1]) + 16 * at;
  const auto length = value_at<std::int32_t>(view, 0);
  if (length < 0) return std::nullopt;
  if (length <= kInlineBytes) return std::string_view(view + 4, static_cast<std::size_t>(length));
  const auto buffer = value_at<std::int32_t>(view, 2);
  const auto offset = value_at<std::int32_t>(view, 3);
  if (buffer < 0 || buffer >= array.n_buffers - 3 || offset < 0) return std::nullopt;
  const auto size = value_at<std::int64_t>(array.buffers[array.n_buffers - 1], buffer);
  if (std::int64_t{offset} + length > size) return std::nullopt;
  return std::string_view(static_cast<const char*>(array.buffers[2 + buffer]) + offset,
                          static_cast<std::size_t>(length));
}

}  // namespace

ArrowType type_of(const ArrowSchema& schema) {
  ArrowType type = type_of_format(schema.format == nullptr ? "" : schema.format);
  if (schema.dictionary == nullptr) return type;
  ArrowType values =
      type_of_format(schema.dictionary->format == nullptr ? "" : schema.dictionary->format);
  if (schema.dictionary->dictionary != nullptr) values.kind = ArrowKind::other;
  values.index = type.kind;
  if (!type.is_integer()) values.kind = ArrowKind::other;
  return values;
}

ArrowCells::ArrowCells(const std::string& name, const ArrowType& type, const ArrowArray& column,
                       const ArrowArray& rows)
    : type_(type), array_(column), rows_(rows) {
  if (column.release == nullptr) refuse(name, "it was released");
  check_array(name, type.index.value_or(type.kind), column, rows.offset + rows.length);
  if (!type.index) return;
  if (column.dictionary == nullptr) refuse(name, "it lacks its dictionary");
  check_array(name, type.kind, *column.dictionary, 0);
}

bool ArrowCells::is_valid(const ArrowArray& array, std::int64_t at) {
  if (array.null_count == 0 || array.n_buffers == 0 || array.buffers[0] == nullptr) return true;
  const auto byte = value_at<std::uint8_t>(array.buffers[0], at / 8);
  return ((byte >> (at % 8)) & 1) != 0;
}

std::optional<std::string_view> ArrowCells::text_at(const ArrowArray& array,
                                                    std::int64_t at) const {
  if (!is_valid(array, at)) return std::nullopt;
  if (type_.kind == ArrowKind::utf8) return slice_at<std::int32_t>(array, at);
  if (type_.kind == ArrowKind::large_utf8) return slice_at<std::int64_t>(array, at);
  return view_at(array, at);
}

std::optional<std::string_view> ArrowCells::text(std::int64_t row) const {
  const std::int64_t in_rows = rows_.offset + row;
  const std::int64_t at = array_.offset + in_rows;
  if (!is_valid(rows_, in_rows)) return std::nullopt;
  if (!type_.index) return text_at(array_, at);
  if (!is_valid(array_, at)) return std::nullopt;
  const ArrowArray& values = *array_.dictionary;
  const Int128 index = integer_at(*type_.index, array_.buffers[1], at);
  if (index < 0 || index >= values.length) return std::nullopt;
  return text_at(values, values.offset + static_cast<std::int64_t>(index));
}

std::optional<Int128> ArrowCells::number(std::int64_t row) const {
  const std::int64_t in_rows = rows_.offset + row;
  const std::int64_t at = array_.offset + in_rows;
  if (!is_valid(rows_, in_rows) || !is_valid(array_, at)) return std::nullopt;
  return integer_at(type_.kind, array_.buffers[1], at);
}

ArrowReader::~ArrowReader() {
  if (stream_.release != nullptr) stream_.release(&stream_);
}

void ArrowReader::check(int code) {
  if (code == 0) return;
  const char* const said = stream_.get_last_error(&stream_);
  throw Error(ErrorKind::run, "the table cannot be read: " +
                                  escaped_text(said != nullptr ? said : std::strerror(code)));
}

std::shared_ptr<const ArrowSchema> ArrowReader::schema() {
  ArrowSchema schema{};
  check(stream_.get_schema(&stream_, &schema));
  return {new ArrowSchema(schema), [](ArrowSchema* last) {
            if (last->release != nullptr) last->release(last);
            delete last;
          }};
}

std::shared_ptr<const ArrowArray> ArrowReader::next() {
  ArrowArray rows{};
  check(stream_.get_next(&stream_, &rows));
  if (rows.release == nullptr) return nullptr;
  return {new ArrowArray(rows), [](ArrowArray* last) {
            if (last->release != nullptr) last->release(last);
            delete last;
          }};
}

}  // namespace billing::python
