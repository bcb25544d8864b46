#include "base/escape_text.h"

#include "base/utf8.h"

namespace billing {
namespace {

constexpr std::size_t kMaxQuotedBytes = 120;

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
}

void append_control(std::string& out, std::string_view sequence) {
  switch (sequence.front()) {
    case '\t':
      out += "\\t";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\n':
      out += "\\n";
      break;
    default:
      append_hex(out, sequence);
  }
}

/// Characters that a reader does not see where they stand.
bool is_invisible(std::string_view sequence) {
  if (sequence == "\xC2\xA0" || sequence == "\xEF\xBB\xBF") return true;  // U+00A0, U+FEFF
  if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(sequence[2]);
  switch (static_cast<unsigned char>(sequence[1])) {
    case 0x80:  // U+200B to U+200F, U+202A to U+202E
      return (last >= 0x8B && last <= 0x8F) || (last >= 0xAA && last <= 0xAE);
    case 0x81:  // U+2066 to U+2069
      return last >= 0xA6 && last <= 0xA9;
    default:
      return false;
  }
}

void append_sequences(std::string& out, std::string_view bytes, bool shows_invisible) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = utf8_sequence_bytes(bytes, at);
    const std::string_view sequence = bytes.substr(at, size == 0 ? 1 : size);
    if (size == 0 || (shows_invisible && is_invisible(sequence))) {
      append_hex(out, sequence);
    } else if (is_control_sequence(sequence)) {
      append_control(out, sequence);
    } else if (sequence == "\\") {
      out += "\\\\";
    } else {
      out += sequence;
    }
    at += sequence.size();
  }
}

void append_start(std::string& out, std::string_view start, std::uint64_t all_bytes,
                  bool shows_invisible) {
  append_sequences(out, start, shows_invisible);
  if (start.size() == all_bytes) return;
  out += "…(+";
  out += std::to_string(all_bytes - start.size());
  out += " bytes)";
}

}  // namespace

void append_escaped(std::string& out, std::string_view bytes, std::size_t max_bytes) {
  append_start(out, bytes.substr(0, max_bytes), bytes.size(), true);
}

void append_escaped_for_file(std::string& out, std::string_view bytes) {
  append_sequences(out, bytes, false);
}

void append_escaped_for_file(std::string& out, std::string_view start, std::uint64_t all_bytes) {
  append_start(out, start, all_bytes, false);
}

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  append_escaped(out, text, kMaxQuotedBytes);
  out += '\'';
  return out;
}

std::string escaped_text(std::string_view bytes) {
  std::string text;
  append_escaped(text, bytes);
  return text;
}

}  // namespace billing
