#include "io/first_bytes.h"

#include <algorithm>

#include "base/shell_word.h"

namespace billing {
namespace {

using namespace std::string_view_literals;

/// Content that a command turns into text.
struct Packing {
  std::string_view magic;
  std::size_t offset_bytes;
  const char* what;
  const char* from_file;                ///< and the name of the file: text on standard output
  const char* suffix = "";              ///< of names of such files ...
  const char* unpack = nullptr;         ///< ... of which this makes files of text
  const char* from_stream = from_file;  ///< text of standard input
};

constexpr std::string_view kParquetMagic = "PAR1";

constexpr Packing kPackings[] = {
    {kGzipMagic, 0, "is compressed with gzip", "zcat"},
    {kZstdMagic, 0, "is compressed with zstd", "zstdcat"},
    {"\x04\x22\x4d\x18"sv, 0, "is compressed with lz4", "lz4cat", ".lz4", "unlz4 -k"},
    {"BZh"sv, 0, "is compressed with bzip2", "bzcat", ".bz2", "bunzip2 -k"},
    {"\xfd\x37zXZ\0"sv, 0, "is compressed with xz", "xzcat", ".xz", "unxz -k"},
    {"PK\x03\x04"sv, 0, "is a zip archive", "unzip -p", "", "unzip", "funzip"},
    // With its NUL, which no record has: what stands so far into a log may be a stranger's choice.
    {"ustar\0"sv, 257, "is a tar archive", "tar -xOf", "", "tar -xf", "tar -xOf -"},
    {"ustar  \0"sv, 257, "is a tar archive", "tar -xOf", "", "tar -xf", "tar -xOf -"},
    {"\xff\xfe\0\0"sv, 0, "is UTF-32 text", "iconv -f UTF-32 -t UTF-8"},
    {"\xff\xfe"sv, 0, "is UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
    {"\xfe\xff"sv, 0, "is UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
};
constexpr Packing kLittleEndian = {{}, 0, "is UTF-16 text", "iconv -f UTF-16LE -t UTF-8"};
constexpr Packing kBigEndian = {{}, 0, "is UTF-16 text", "iconv -f UTF-16BE -t UTF-8"};

/// Whether every other byte, from `first` on, is NUL and the rest are ASCII: text of two bytes a
/// character, without a mark that says so.
bool has_nuls_from(std::size_t first, std::string_view bytes) {
  constexpr std::size_t kMinBytes = 4;
  constexpr std::size_t kLookBytes = 16;
  const std::size_t size = std::min(bytes.size(), kLookBytes) / 2 * 2;
  if (size < kMinBytes) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i % 2 == first ? byte != 0 : byte == 0 || byte > 0x7e) return false;
  }
  return true;
}

/// Text behind a beginning of NULs.
constexpr Packing kNuls = {
    .magic = {},
    .offset_bytes = 0,
    .what = "is text behind NUL bytes, as of a log that was truncated while its program wrote it",
    .from_file = "tr -d '\\000' <",
    .from_stream = "tr -d '\\000'"};

/// Whether so many bytes are all NUL that they stand in the place of lines.
bool has_nuls_alone(std::string_view bytes) {
  constexpr std::size_t kMinBytes = 16;
  return bytes.size() >= kMinBytes &&
         bytes.substr(0, kMinBytes).find_first_not_of('\0') == std::string_view::npos;
}

const Packing* packing_of(std::string_view bytes) {
  // Also where something that is to be skipped comes first.
  if (compression_of(bytes) == Compression::zstd) bytes = kZstdMagic;
  for (const Packing& packing : kPackings) {
    if (bytes.size() > packing.offset_bytes &&
        bytes.substr(packing.offset_bytes).starts_with(packing.magic))
      return &packing;
  }
  if (has_nuls_alone(bytes)) return &kNuls;
  if (has_nuls_from(1, bytes)) return &kLittleEndian;
  return has_nuls_from(0, bytes) ? &kBigEndian : nullptr;
}

/// A command that makes a file of text of this one.
std::string unpacking(std::string_view name, const Packing& packing) {
  const std::string file = shell_word(name);
  if (packing.unpack != nullptr && name.ends_with(packing.suffix))
    return std::string(packing.unpack) + " " + file;
  return std::string(packing.from_file) + " " + file + " > " +
         shell_word(std::string(name) + ".txt");
}

std::string describe_partial(std::string_view name) {
  return "is a partial\2; bill it with: billing merge " +
         (name == kStdinName ? "FILE" : shell_word(name)) + "\2";
}

/// Of what was found in something compressed.
std::string describe_within(std::string_view name, std::string_view bytes, Compression within) {
  const bool is_gzip = within == Compression::gzip;
  const std::string inside = is_gzip ? ", within gzip" : ", within zstd";
  const std::string file = name == kStdinName ? "FILE" : shell_word(name);
  const char* const decompress = is_gzip ? "zcat" : "zstdcat";
  const bool is_partial = bytes.starts_with(kPartialMagic);
  if (is_partial || bytes.starts_with(kParquetMagic)) {
    return std::string(is_partial ? "is a partial" : "is a Parquet file") + inside +
           "; decompress it first: " + decompress + " " + file + " > FILE";
  }
  const Packing* const packing = packing_of(bytes);
  if (packing == nullptr) return "";
  return packing->what + inside + "\2; try: " +
         (name == kStdinName ? std::string("... | ") + decompress : decompress + (" " + file)) +
         " | " + packing->from_stream + " | billing aggregate -\2";
}

}  // namespace

std::string describe_first_bytes(std::string_view name, std::string_view first_bytes,
                                 InputNeed need, Compression within) {
  if (within != Compression::none) return describe_within(name, first_bytes, within);
  if (compression_of(first_bytes) != Compression::none) return "";
  if (first_bytes.starts_with(kPartialMagic)) return describe_partial(name);
  if (first_bytes.starts_with(kParquetMagic)) {
    return "is a Parquet file; export it as text first, one line a call: time user task status "
           "NNNms (with duckdb: COPY (SELECT ...) TO 'calls.log' (HEADER false, DELIMITER ' '))";
  }
  const Packing* const packing = packing_of(first_bytes);
  if (packing == nullptr) return "";
  const std::string what = packing->what;
  const bool is_stdin = name == kStdinName;
  if (need == InputNeed::file) {
    return what + "; turn it into a text file and name that" +
           (is_stdin ? "" : ": " + unpacking(name, *packing));
  }
  return what + "\2; try: " +
         (is_stdin ? std::string("... | ") + packing->from_stream
                   : packing->from_file + (" " + shell_word(name))) +
         " | billing aggregate -\2";
}

}  // namespace billing
