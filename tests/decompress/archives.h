#pragma once

// Small archives for tests, and what decompressing them gives.

#include <gtest/gtest.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decompress/decompressor.h"

namespace billing {

/// Lines that are alike, as those of logs are.
inline std::string log_text(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    text += "2025-05-02T23:16:" + std::to_string(10 + i % 50) + "Z user" +
            std::to_string(i * 7919 % 1000) + " login 200 " + std::to_string(i * 31 % 977) + "ms\n";
  }
  return text;
}

inline std::string deflated(const std::string& text) {
  std::vector<std::uint8_t> out(text.size() + 1000);
  std::vector<std::uint8_t> level(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = 1;  // with Huffman codes of its own
  stream.level_buf = level.data();
  stream.level_buf_size = static_cast<std::uint32_t>(level.size());
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  EXPECT_EQ(isal_deflate(&stream), COMP_OK);
  return {out.begin(), out.begin() + stream.total_out};
}

inline std::string little_endian(std::uint64_t number, int bytes) {
  std::string out;
  for (; bytes > 0; --bytes, number >>= 8U) out += static_cast<char>(number & 0xffU);
  return out;
}

inline std::uint32_t crc_of(const std::string& text) {
  return crc32_gzip_refl(0, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

inline std::string gzip_trailer(const std::string& text) {
  return little_endian(crc_of(text), 4) + little_endian(text.size(), 4);
}

inline const std::string kPlainHeader("\x1f\x8b\x08\0\0\0\0\0\0\3", 10);

inline std::string gzip_of(const std::string& text) {
  return kPlainHeader + deflated(text) + gzip_trailer(text);
}

/// A header with all that one may have: text flag, extra field, name, comment, checksum.
inline std::string full_header() {
  std::string header("\x1f\x8b\x08\x1f\1\2\3\4\0\3\6\0EX\2\0ab", 18);
  header += std::string("app.log\0of Monday\0", 18);
  return header + little_endian(crc_of(header) & 0xffffU, 2);
}

inline std::string zstd_of(const std::string& text, int window_log = 0) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  // Without the size a window is as large as it was asked for.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, window_log == 0 ? 1 : 0);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // Two steps, so that the size is not known from the first.
  if (window_log > 0) ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_continue);
  EXPECT_EQ(ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_end), 0u);
  out.resize(to.pos);
  return out;
}

inline std::string skippable_frame(const std::string& content) {
  return "\x53\x2a\x4d\x18" + little_endian(content.size(), 4) + content;
}

inline std::string packed(Compression compression, const std::string& text) {
  return compression == Compression::gzip ? gzip_of(text) : zstd_of(text);
}

/// Gives `bytes` at most `step` at a time.
inline PullBytes pull_from(std::string bytes, std::size_t step = std::string::npos) {
  return [bytes = std::move(bytes), step, at = std::size_t{0}](std::span<char> room) mutable {
    const std::size_t size = bytes.copy(room.data(), std::min(step, room.size()), at);
    at += size;
    return size;
  };
}

/// What an archive held, or what was wrong with it.
struct Unpacked {
  std::string text;
  std::string error;
  bool operator==(const Unpacked&) const = default;
};

inline Unpacked unpack(Compression compression, const std::string& archive,
                       std::size_t pull_bytes = std::string::npos,
                       std::size_t read_bytes = std::size_t{1} << 16,
                       std::uint64_t max_window_bytes = kMaxWindowBytes) {
  Unpacked unpacked;
  try {
    const auto decompressor =
        make_decompressor(compression, pull_from(archive, pull_bytes), max_window_bytes);
    std::string room(read_bytes, '\0');
    std::size_t bytes = room.size();
    while (bytes == room.size()) {
      bytes = decompressor->read(room);
      unpacked.text.append(room, 0, bytes);
    }
    EXPECT_EQ(decompressor->read(room), 0u);
    EXPECT_EQ(decompressor->compressed_bytes(), archive.size());
    EXPECT_EQ(decompressor->bytes(), unpacked.text.size());
  } catch (const DecompressionError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::run);
    unpacked.error = error.message();
  }
  return unpacked;
}

}  // namespace billing
