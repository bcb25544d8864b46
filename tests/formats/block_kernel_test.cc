#include "formats/block_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace billing {
namespace {

using Places = std::vector<std::uint32_t>;

struct Cells {
  Places cell_ends;
  Places record_ends;
  Places odd_blocks;

  bool operator==(const Cells&) const = default;
};

/// The rules of BlockKernels::index_cells(), byte by byte.
Cells cells_one_by_one(std::string_view text, char separator, bool has_quotes) {
  Cells cells;
  bool is_inside = false;
  bool is_behind_end = true;
  bool is_behind_close = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_quote = has_quotes && text[at] == '"';
    const bool is_end = !is_inside && !is_quote && (text[at] == separator || text[at] == '\n');
    const bool is_opening = is_quote && !is_inside;
    const bool is_odd = (is_opening && !is_behind_end && !is_behind_close) ||
                        (is_behind_close && !is_end && !is_opening);
    const auto block = static_cast<std::uint32_t>(at / kBlockBytes);
    if (is_odd && (cells.odd_blocks.empty() || cells.odd_blocks.back() != block))
      cells.odd_blocks.push_back(block);
    if (is_end && text[at] == '\n')
      cells.record_ends.push_back(static_cast<std::uint32_t>(cells.cell_ends.size()));
    if (is_end) cells.cell_ends.push_back(static_cast<std::uint32_t>(at));
    is_behind_close = is_quote && is_inside;
    is_behind_end = is_end;
    is_inside ^= is_quote;
  }
  return cells;
}

/// `text` in memory of its own, that ends with it: a sanitizer sees what is read behind it.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(bytes_.get(), size_);
  }
  Window window() const { return {bytes_.get(), size_, size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

Cells cells_of(const BlockKernels& kernels, std::string_view text, char separator,
               bool has_quotes) {
  const ExactBytes bytes(text);
  Cells cells{Places(text.size() + kPlacesAtOnce), Places(text.size() + kPlacesAtOnce), {}};
  CellPlaces places{cells.cell_ends.data(), cells.record_ends.data(), 0, 0, &cells.odd_blocks};
  kernels.index_cells(bytes.window(), separator, has_quotes, places);
  cells.cell_ends.resize(places.cell_count);
  cells.record_ends.resize(places.record_count);
  return cells;
}

/// What BlockKernels::index_values() finds.
struct Values {
  Places ends;
  std::vector<std::uint64_t> block_quotes;
  Places quotes_before;
  Places odd_blocks;

  explicit Values(std::size_t size)
      : block_quotes((size + kBlockBytes - 1) / kBlockBytes), quotes_before(block_quotes.size()) {}

  bool operator==(const Values&) const = default;
};

/// The same, byte by byte.
Values values_one_by_one(std::string_view text) {
  Values values(text.size());
  bool is_inside = false;
  std::uint32_t quotes = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto block = static_cast<std::uint32_t>(at / kBlockBytes);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (at % kBlockBytes == 0) values.quotes_before[block] = quotes;
    if (byte == '"') {
      values.block_quotes[block] |= std::uint64_t{1} << at % kBlockBytes;
      ++quotes;
    }
    is_inside = byte != '\n' && is_inside != (byte == '"');
    const bool is_end = byte == ',' || byte == '}' || byte == ']';
    if (byte == '\n' || (is_end && !is_inside))
      values.ends.push_back(static_cast<std::uint32_t>(at));
    const bool ends_block = at % kBlockBytes == kBlockBytes - 1;
    const bool is_line_end = byte == '\n' || (byte == '\r' && !ends_block && at + 1 < text.size() &&
                                              text[at + 1] == '\n');
    const bool is_odd = (byte == '\\' || byte < 0x20 || byte >= 0x80) && !is_line_end;
    if (is_odd && (values.odd_blocks.empty() || values.odd_blocks.back() != block))
      values.odd_blocks.push_back(block);
  }
  return values;
}

Values values_of(const BlockKernels& kernels, std::string_view text) {
  const ExactBytes bytes(text);
  Values values(text.size());
  values.ends.resize(text.size() + kPlacesAtOnce);
  ValuePlaces places{values.ends.data(), values.block_quotes.data(), values.quotes_before.data(), 0,
                     &values.odd_blocks};
  kernels.index_values(bytes.window(), places);
  values.ends.resize(places.end_count);
  return values;
}

void expect_quotes(const BlockKernels& kernels, const std::string& text) {
  Places quotes;
  Places line_ends;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') line_ends.push_back(static_cast<std::uint32_t>(quotes.size()));
    if (text[at] == '"' || text[at] == '\n') quotes.push_back(static_cast<std::uint32_t>(at));
  }
  Places found_quotes(text.size() + kPlacesAtOnce);
  Places found_line_ends(text.size() + kPlacesAtOnce);
  QuotePlaces places{found_quotes.data(), found_line_ends.data(), 0, 0};
  kernels.index_quotes(ExactBytes(text).window(), places);
  found_quotes.resize(places.place_count);
  found_line_ends.resize(places.line_count);
  EXPECT_EQ(found_quotes, quotes);
  EXPECT_EQ(found_line_ends, line_ends);
}

void expect_right(const std::string& text) {
  std::uint64_t lines = 0;
  bool is_inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    is_inside ^= text[at] == '"';
    lines += text[at] == '\n' && !is_inside ? 1 : 0;
  }
  for (const SimdLevel level : available_simd_levels()) {
    SCOPED_TRACE(std::string(name_of(level)) + ": " + text);
    const BlockKernels& kernels = block_kernels(level);
    EXPECT_EQ(cells_of(kernels, text, ',', true), cells_one_by_one(text, ',', true));
    EXPECT_EQ(cells_of(kernels, text, '\t', false), cells_one_by_one(text, '\t', false));
    expect_quotes(kernels, text);
    // Where a form feed stands outside of strings, vectors may find an end.
    if (text.find('\f') == std::string::npos) {
      EXPECT_EQ(values_of(kernels, text), values_one_by_one(text));
    }
    bool is_inside_at_end = false;
    EXPECT_EQ(kernels.count_quoted_lines(text, is_inside_at_end), lines);
    EXPECT_EQ(is_inside_at_end, is_inside);
  }
}

TEST(BlockKernel, NothingHoldsNothing) { expect_right(""); }

TEST(BlockKernel, BlocksMayBeFullOfEnds) {
  for (const std::size_t size : {63U, 64U, 65U, 128U, 200U}) {
    expect_right(std::string(size, ','));
    expect_right(std::string(size, '\n'));
    expect_right(std::string(size, '"'));
  }
}

TEST(BlockKernel, QuotesReachOverBlocks) {
  for (std::size_t size = 50; size < 140; ++size)
    expect_right("a,\"" + std::string(size, ',') + "\",b\n\"" + std::string(size, '\n') + "\"\n");
}

TEST(BlockKernel, RandomBytesAreIndexedRight) {
  constexpr std::string_view kBytes = "aa,,\t\"\n}]\r";
  std::mt19937_64 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = kBytes[random() % (i % 2 == 0 ? kBytes.size() : 3)];
    expect_right(text);
  }
}

TEST(BlockKernel, BytesThatAreNoPlainTextAreFound) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t at : {0U, 62U, 63U, 64U, 4095U, 4096U}) {
      std::string text(4200, 'x');
      text[at] = static_cast<char>(byte);
      text[at + 1] = '\n';
      expect_right(text);
    }
  }
}

using Front = std::optional<std::pair<std::size_t, bool>>;

bool is_of_id(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

/// The rules of BlockKernels::read_request(), byte by byte.
Front front_one_by_one(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = text.rfind(' ');
  if (std::count(text.begin(), text.end(), ' ') != 2 || first == 0 || first > 32) return {};
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), is_capital))
    return {};
  const std::size_t end = text.find_first_of(" ?#", first + 1);
  if (text[first + 1] != '/' || end >= kBlockBytes) return {};
  if (!text.substr(second + 1).starts_with("HTTP/")) return {};
  const std::string_view path = text.substr(first + 1, end - first - 1);
  if (std::any_of(path.begin(), path.end(), [](char c) { return c < ' ' || c > '~'; })) return {};
  bool may_hold_id = false;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, slash - at);
    may_hold_id |= !segment.empty() && std::all_of(segment.begin(), segment.end(), is_of_id);
    at = slash + 1;
  }
  return std::pair(end, may_hold_id);
}

/// `behind` follows the text in memory that may be read, which ends where blocks of the text do.
void expect_front(const std::string& text, char behind) {
  const std::size_t readable_bytes = (text.size() / kBlockBytes + 1) * kBlockBytes;
  const auto bytes = std::make_unique<char[]>(readable_bytes);
  std::fill(std::copy(text.begin(), text.end(), bytes.get()), bytes.get() + readable_bytes, behind);
  const char* const readable_end = bytes.get() + readable_bytes;
  const std::string_view request(bytes.get(), text.size());
  const Front wanted = front_one_by_one(text);
  for (const SimdLevel level : available_simd_levels()) {
    RequestFront front;
    const bool is_read = block_kernels(level).read_request(request, readable_end, front);
    ASSERT_EQ(is_read, wanted.has_value()) << name_of(level) << ": " << text;
    if (!is_read) continue;
    ASSERT_EQ(std::pair(front.bytes, front.may_hold_id), *wanted) << name_of(level) << ": " << text;
    EXPECT_FALSE(block_kernels(level).read_request(request, readable_end - 1, front));
  }
}

TEST(BlockKernel, RequestsAreTakenApart) {
  for (const char* request :
       {"GET / HTTP/1.1", "GET /a/b?c=/1 HTTP/1.1", "POST /users/42 HTTP/2.0", "PUT /a/42/b HTTP/",
        "GET /a/4b/ HTTP/1.1", "GET /a#b HTTP/1.1", "GET /a/00000000-0000-4000-8000-0000000000aa H",
        "get / HTTP/1.1", "GET a HTTP/1.1", "GET  HTTP/1.1", "GET / HTTP", "GET / HTTP/1.1 ",
        " / H", "GET /\x7F HTTP/1.1", "GET /\xC3\xBC HTTP/1.1", "GET /a/42\xE9 HTTP/1.1", "GET", "",
        "-"})
    expect_front(request, ' ');
  EXPECT_TRUE(front_one_by_one("GET /a/b?c=/1 HTTP/1.1").has_value());
}

TEST(BlockKernel, RequestsReachOverBlocks) {
  for (std::size_t size = 1; size < 300; ++size) {
    const std::string filling(size, 'x');
    for (const char behind : {' ', '/', '1'}) {
      expect_front("GET /" + filling + " HTTP/1.1", behind);
      expect_front("GET /a/" + std::string(size, '7') + " HTTP/1.1", behind);
      expect_front("GET /a?" + filling + " HTTP/1.1", behind);
      expect_front("GET /a?" + filling + " b HTTP/1.1", behind);
      expect_front("GET /a?" + filling + " HTTP/1.1" + filling + " b", behind);
      expect_front(std::string(size, 'G') + " /a HTTP/1.1", behind);
    }
  }
}

TEST(BlockKernel, RandomRequestsAreTakenApart) {
  const std::vector<std::string> kPieces = {"GET",      " ",    "/",    "42",    "v1",
                                            "deadbeef", "?",    "#",    "-",     " HTTP/1.1",
                                            "HTTP/",    "\x7F", "\xE9", "users", "A1"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 30000; ++i) {
    std::string text = random() % 4 == 0 ? "" : "GET /";
    for (std::size_t pieces = random() % 24; pieces > 0; --pieces)
      text += kPieces[random() % (random() % 2 == 0 ? 6 : kPieces.size())];
    if (random() % 4 != 0) text += " HTTP/1.1";
    expect_front(text, ' ');
  }
}

}  // namespace
}  // namespace billing
