#include "state/packed_input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "base/escape_text.h"
#include "billing/error.h"
#include "formats/json_documents.h"
#include "io/temporary_file.h"
#include "io/text_reader.h"
#include "wrappers/wrapped_records.h"

namespace billing {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

/// Counts lines and the records of tables; both also a last one without an end.
class EndCounter {
 public:
  void take(std::string_view bytes) {
    for (const char c : bytes) {
      is_inside_ ^= c == '"';
      const bool ends = c == '\n';
      lines_ += ends ? 1 : 0;
      records_ += ends && !is_inside_ ? 1 : 0;
    }
    if (!bytes.empty()) ends_line_ = bytes.back() == '\n';
  }

  bool ends_line() const { return ends_line_; }
  bool is_inside() const { return is_inside_; }
  std::uint64_t lines() const { return lines_ + (ends_line_ ? 0 : 1); }
  std::uint64_t records() const { return records_ + (ends_line_ && !is_inside_ ? 0 : 1); }

 private:
  bool is_inside_ = false;
  bool ends_line_ = true;
  std::uint64_t lines_ = 0;
  std::uint64_t records_ = 0;
};

WalkedContent walk_objects(const PrefixHasher::ReadBytes& read) {
  using Event = JsonDocumentScanner::Event;
  WalkedContent walked;
  JsonDocumentScanner scanner(JsonLayout::objects, JsonPlace::input_start);
  std::vector<char> room(kReadBytes);
  while (const std::size_t bytes = read(room)) {
    const char* at = room.data();
    const char* const end = at + bytes;
    for (Event event = scanner.next(at, end); event != Event::none; event = scanner.next(at, end))
      walked.records += event == Event::ends ? 1 : 0;
  }
  walked.ends_record = !scanner.is_within();
  return walked;
}

/// Of a line that is too long as much is kept as shows that.
WalkedContent walk_wrapped(const PrefixHasher::ReadBytes& read, const RecordEnds& ends) {
  WalkedContent walked;
  WrappedRecords records(ends.wrapper, ends.stream, ends.end == RecordEnd::quoted,
                         ends.max_record_bytes, /*first_byte=*/0);
  constexpr std::size_t kEndBytes = 2;
  const std::size_t most_bytes = ends.max_record_bytes + kEndBytes;
  std::string line;
  std::vector<char> room(kReadBytes);
  while (const std::size_t bytes = read(room)) {
    for (std::string_view rest(room.data(), bytes); !rest.empty();) {
      const std::size_t newline = rest.find('\n');
      const std::string_view some = rest.substr(0, newline);
      line += some.substr(0, most_bytes - std::min(most_bytes, line.size()));
      rest.remove_prefix(std::min(some.size() + 1, rest.size()));
      if (newline == std::string_view::npos) break;
      line += '\n';
      records.pass(line);
      walked.records += records.is_between() ? 1 : 0;
      line.clear();
    }
  }
  walked.ends_record = line.empty() && records.is_between();
  return walked;
}

[[noreturn]] void fail_to_keep(const Input& input, const std::string& folder) {
  const std::string reason = std::system_category().message(errno);
  input.fail(
      "goes on with a log that is known, ends in half a record or is an array of "
      "JSON, so what it holds is kept in a temporary file, but " +
      quoted_text(folder) + " has none: " + reason +
      "; name another folder with \1temp-dir, or decompress the input first");
}

}  // namespace

/// Descriptors stay where the last reader left them, and copies of them share the place.
void rewind(const Input& input) {
  if (::lseek(input.fd(), 0, SEEK_SET) < 0) input.fail(std::system_category().message(errno));
}

PackedContent packed_content(const Input& input, PrefixHasher& hasher) {
  PackedContent packed;
  packed.bytes = *input.size_bytes();
  hasher.begin(input.fd(), input.name());
  packed.hash = hasher.of_first(packed.bytes);
  return packed;
}

UnpackedContent unpacked_content(const Input& input, PrefixHasher& hasher,
                                 const std::function<void()>& checkpoint) {
  UnpackedContent content;
  EndCounter ends;
  const PrefixHasher::ReadBytes read = unpacked_bytes(input, checkpoint);
  hasher.begin(
      [&](std::span<char> room) {
        const std::string_view bytes(room.data(), read(room));
        ends.take(bytes);
        if (content.first_bytes.size() < kHeadBytes)
          content.first_bytes += bytes.substr(0, kHeadBytes - content.first_bytes.size());
        return bytes.size();
      },
      input.name());
  std::tie(content.seen.hash, content.seen.bytes) = hasher.of_all();
  rewind(input);
  input.close();
  hasher.begin(bytes_in_memory(content.first_bytes), input.name());
  content.seen.head = hasher.of_first(content.first_bytes.size());
  content.lines = ends.lines();
  content.quoted_records = ends.records();
  content.ends_line = ends.ends_line();
  content.ends_quoted = ends.is_inside();
  return content;
}

WalkedContent walked_content(const Input& input, const RecordEnds& ends,
                             const std::function<void()>& checkpoint) {
  const PrefixHasher::ReadBytes read = unpacked_bytes(input, checkpoint);
  const WalkedContent walked = ends.are_objects() ? walk_objects(read) : walk_wrapped(read, ends);
  rewind(input);
  input.close();
  return walked;
}

PrefixHasher::ReadBytes bytes_in_memory(std::string_view bytes) {
  return [bytes](std::span<char> room) mutable {
    const std::size_t taken = bytes.copy(room.data(), room.size());
    bytes.remove_prefix(taken);
    return taken;
  };
}

PrefixHasher::ReadBytes unpacked_bytes(const Input& input,
                                       const std::function<void()>& checkpoint) {
  return [reader = std::make_shared<TextReader>(input, checkpoint)](std::span<char> room) {
    return reader->read(room);
  };
}

Input unpacked_input(const Input& input, const std::string& folder,
                     const std::function<void()>& checkpoint) {
  UniqueFd file = open_nameless(folder);
  if (!file.is_open()) fail_to_keep(input, folder);
  const PrefixHasher::ReadBytes read = unpacked_bytes(input, checkpoint);
  std::vector<char> room(kReadBytes);
  while (const std::size_t bytes = read(room)) {
    for (std::size_t written = 0; written < bytes;) {
      const ssize_t more = ::write(file.get(), room.data() + written, bytes - written);
      if (more < 0 && errno == EINTR) continue;
      if (more <= 0) fail_to_keep(input, folder);
      written += static_cast<std::size_t>(more);
    }
  }
  input.close();
  // Mapped from its start, as inputs are.
  if (::lseek(file.get(), 0, SEEK_SET) < 0) fail_to_keep(input, folder);
  return {input.name(), std::move(file)};
}

}  // namespace billing
