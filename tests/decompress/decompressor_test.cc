#include "decompress/decompressor.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "archives.h"
#include "sweep.h"

namespace billing {
namespace {

constexpr Compression kBoth[] = {Compression::gzip, Compression::zstd};

std::string name_of(Compression compression) {
  return compression == Compression::gzip ? "gzip" : "zstd";
}

Unpacked unpack_gzip(const std::string& archive) { return unpack(Compression::gzip, archive); }
Unpacked unpack_zstd(const std::string& archive) { return unpack(Compression::zstd, archive); }

std::string early_end(std::size_t bytes) {
  return "ends too early, after " + std::to_string(bytes) + " compressed bytes";
}

TEST(CompressionOf, IsToldByTheFirstBytes) {
  EXPECT_EQ(compression_of("\x1f\x8b"), Compression::gzip);
  EXPECT_EQ(compression_of("\x28\xb5\x2f\xfd and more"), Compression::zstd);
  EXPECT_EQ(compression_of("\x50\x2a\x4d\x18"), Compression::zstd);
  EXPECT_EQ(compression_of("\x5f\x2a\x4d\x18"), Compression::zstd);
  for (const char* text : {"", "\x1f", "\x28\xb5\x2f", "\x4f\x2a\x4d\x18", "\x50\x2a\x4d", "P",
                           "2025-05-02T23:16:50Z u login 200 1ms"}) {
    EXPECT_EQ(compression_of(text), Compression::none) << text;
  }
}

TEST(Decompressor, GivesAllMembersBehindEachOther) {
  for (const Compression compression : kBoth) {
    std::string archive;
    std::string text;
    for (const int lines : {3, 0, 1, 0, 0, 5000}) {
      archive += packed(compression, log_text(lines));
      text += log_text(lines);
      EXPECT_EQ(unpack(compression, archive), (Unpacked{text, ""})) << name_of(compression);
    }
  }
}

TEST(Decompressor, CutsOfTheInputAndOfTheOutputMakeNoDifference) {
  const std::string text = log_text(20);
  for (const Compression compression : kBoth) {
    const std::string archive =
        packed(compression, text) + packed(compression, "") + packed(compression, text);
    for (std::size_t step = 1; step <= archive.size(); ++step) {
      for (const std::size_t room : {std::size_t{1}, std::size_t{7}, step, std::size_t{100'000}}) {
        EXPECT_EQ(unpack(compression, archive, step, room), (Unpacked{text + text, ""}))
            << name_of(compression) << " " << step << " " << room;
      }
    }
  }
}

TEST(Decompressor, LargeTextInRoomsOfAnySize) {
  const std::string text = log_text(20'000);
  for (const Compression compression : kBoth) {
    const std::string archive = packed(compression, text);
    for (const std::size_t room : {1'000U, 32'768U, 65'537U, 300'001U, 10'000'000U}) {
      EXPECT_EQ(unpack(compression, archive, 4099, room), (Unpacked{text, ""})) << room;
    }
  }
}

TEST(Decompressor, AnyHeaderOfAMemberMayBeCutAnywhere) {
  const std::string text = log_text(2);
  const std::string member = full_header() + deflated(text) + gzip_trailer(text);
  for (std::size_t step = 1; step <= member.size(); ++step)
    EXPECT_EQ(unpack(Compression::gzip, member + member, step), (Unpacked{text + text, ""}))
        << step;
}

TEST(Decompressor, ABlockThatIsNotCompressedIsCopied) {
  const std::string text = "as it is\n";
  const std::string stored =
      "\1" + little_endian(text.size(), 2) + little_endian(0xffffU ^ text.size(), 2) + text;
  const std::string member = kPlainHeader + stored + gzip_trailer(text);
  for (std::size_t step = 1; step <= member.size(); ++step)
    EXPECT_EQ(unpack(Compression::gzip, member, step, step), (Unpacked{text, ""})) << step;
}

TEST(Decompressor, SkippableFramesAreSkipped) {
  const std::string frame = zstd_of("text\n");
  const std::string note = skippable_frame("a note");
  EXPECT_EQ(unpack_zstd(note + frame + skippable_frame("") + frame + note),
            (Unpacked{"text\ntext\n", ""}));
  EXPECT_EQ(unpack_zstd(note), (Unpacked{"", ""}));
}

TEST(Decompressor, EveryEndThatIsTooEarlyIsNoticed) {
  const std::string text = log_text(12);
  for (const Compression compression : kBoth) {
    const std::string member = packed(compression, text);
    for (std::size_t size = 0; size < member.size(); ++size) {
      EXPECT_EQ(unpack(compression, member.substr(0, size)).error, early_end(size));
      const std::string second = member + member.substr(0, size);
      EXPECT_EQ(unpack(compression, second).error, size == 0 ? "" : early_end(second.size()));
    }
  }
}

TEST(Decompressor, EveryFlippedBitIsNoticedOrMeansNothing) {
  const std::string text = log_text(12);
  std::string fancy = full_header() + deflated(text) + gzip_trailer(text);
  for (const auto& [compression, archive] :
       {std::pair{Compression::gzip, gzip_of(text)}, std::pair{Compression::gzip, fancy},
        std::pair{Compression::zstd, zstd_of(text)},
        std::pair{Compression::zstd, skippable_frame("note") + zstd_of(text)}}) {
    std::size_t accepted = 0;
    for (std::size_t bit = 0; bit < archive.size() * 8; ++bit) {
      std::string damaged = archive;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      const Unpacked unpacked = unpack(compression, damaged);
      if (!unpacked.error.empty()) continue;
      ++accepted;
      EXPECT_EQ(unpacked.text, text) << name_of(compression) << " byte " << bit / 8;
    }
    // Time, system, level and the note, and bits of the headers that nothing depends on.
    EXPECT_LT(accepted, 100u);
  }
}

TEST(Decompressor, WhateverFollowsTheFirstBytesComesToAnEnd) {
  for (int seed = 0; seed < swept(2000); ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    for (const Compression compression : kBoth) {
      std::string archive = packed(compression, log_text(30));
      for (int changes = 0; changes < 1 + seed % 4; ++changes)
        archive[4 + random() % (archive.size() - 4)] = static_cast<char>(random());
      archive.resize(archive.size() - random() % 3);
      const Unpacked unpacked = unpack(compression, archive, 1 + random() % 300);
      EXPECT_TRUE(!unpacked.error.empty() || unpacked.text == log_text(30)) << seed;
    }
  }
}

TEST(Decompressor, WhatIsNoMemberBehindTheLastIsAnError) {
  const std::string gzip = gzip_of("text\n");
  const std::string zstd = zstd_of("text\n");
  const auto at = [](std::size_t byte, const std::string& why) {
    return "is damaged at compressed byte " + std::to_string(byte) + ": what follows is no " + why;
  };
  for (const std::string& tail : {std::string(1, '\0'), std::string(512, '\0'), std::string("x"),
                                  std::string("garbage"), std::string("\n")}) {
    EXPECT_EQ(unpack_gzip(gzip + tail).error, at(gzip.size(), "member of a gzip file"));
    EXPECT_EQ(unpack_zstd(zstd + tail).error, at(zstd.size(), "frame of a zstd file"));
    EXPECT_EQ(unpack(Compression::gzip, gzip + tail, 1).error,
              at(gzip.size(), "member of a gzip file"));
  }
  EXPECT_EQ(unpack_gzip(gzip + zstd).error, at(gzip.size(), "member of a gzip file"));
  EXPECT_EQ(unpack_zstd(zstd + gzip).error, at(zstd.size(), "frame of a zstd file"));
  EXPECT_EQ(unpack_zstd(skippable_frame("") + "\x04\x22\x4d\x18").error,
            at(8, "frame of a zstd file"));
}

TEST(Decompressor, SaysWhatIsDamagedAndWhere) {
  const std::string text = log_text(3);
  const std::string body = kPlainHeader + deflated(text);
  const std::string mismatch = ": the checksum or the length does not match";
  const std::string end = "is damaged at compressed byte " + std::to_string(body.size() + 8);
  EXPECT_EQ(unpack_gzip(body + gzip_trailer(text + "x")).error, end + mismatch);
  EXPECT_EQ(unpack_gzip(body + little_endian(crc_of(text), 4) + little_endian(1, 4)).error,
            end + mismatch);
  EXPECT_EQ(unpack_gzip(body + little_endian(1, 4) + little_endian(text.size(), 4)).error,
            end + mismatch);
  std::string zstd = zstd_of(text);
  zstd.back() = static_cast<char>(zstd.back() ^ 1);
  EXPECT_TRUE(unpack_zstd(zstd).error.ends_with(": the checksum does not match"));
  std::string method = gzip_of(text);
  method[2] = '\7';
  EXPECT_TRUE(unpack_gzip(method).error.ends_with(": its method of compression is not known"));
}

TEST(Decompressor, AWindowThatIsTooLargeIsRefused) {
  const std::string archive = zstd_of(log_text(100), 20);
  const auto within = [&archive](std::uint64_t bytes) {
    return unpack(Compression::zstd, archive, 1000, 1000, bytes);
  };
  EXPECT_EQ(within(1 << 20), (Unpacked{log_text(100), ""}));
  EXPECT_EQ(within((1 << 20) - 1).error,
            "was compressed with a window of more than 512 KiB, which do not fit into the memory "
            "limit; raise \1memory-limit");
  EXPECT_EQ(unpack_zstd(zstd_of(log_text(1), 28)).error,
            "was compressed with a window of more than 131072 KiB; decompress it with: zstd -dc "
            "--long=31");
  EXPECT_EQ(unpack_zstd(zstd_of(log_text(1), 27)), (Unpacked{log_text(1), ""}));
}

TEST(Decompressor, WhatThePullThrowsPassesThrough) {
  for (const Compression compression : kBoth) {
    const auto decompressor = make_decompressor(
        compression, [](std::span<char>) -> std::size_t { throw std::runtime_error("gone"); });
    char room = 0;
    EXPECT_THROW(decompressor->read({&room, 1}), std::runtime_error);
  }
}

}  // namespace
}  // namespace billing
