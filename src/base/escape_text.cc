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

}  // namespace

void append_escaped(std::string& out, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = utf8_sequence_bytes(bytes, at);
    const std::string_view sequence = bytes.substr(at, size == 0 ? 1 : size);
    if (size == 0) {
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

void append_escaped(std::string& out, std::string_view bytes, std::size_t max_bytes) {
  append_escaped(out, bytes.substr(0, max_bytes));
  if (bytes.size() <= max_bytes) return;
  out += "…(+";
  out += std::to_string(bytes.size() - max_bytes);
  out += " bytes)";
}

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  append_escaped(out, text, kMaxQuotedBytes);
  out += '\'';
  return out;
}

}  // namespace billing
