// RFC 1952, by ISA-L: of the libraries that decompress a stream the fastest on log text.

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <utility>

#include "decompress/decompressor.h"

namespace billing {
namespace {

class GzipDecompressor final : public Decompressor {
 public:
  explicit GzipDecompressor(PullBytes pull) : Decompressor(std::move(pull)) { begin_member(); }

 private:
  enum class Part { header, content, end };

  Step decompress(std::span<const char> in, std::span<char> out) override {
    if (part_ == Part::end) begin_member();
    if (part_ == Part::header) check_magic(in);
    state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(in.data()));  // only read
    state_.avail_in = static_cast<std::uint32_t>(in.size());
    state_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_.avail_out = static_cast<std::uint32_t>(std::min(out.size(), kMaxStepBytes));
    const std::uint32_t room = state_.avail_out;
    const int result =
        part_ == Part::header ? isal_read_gzip_header(&state_, &header_) : isal_inflate(&state_);
    const Step step{in.size() - state_.avail_in, room - state_.avail_out};
    if (result < 0) fail_as_damaged(step.used, describe(result));
    if (part_ == Part::header) {
      header_bytes_ += step.used;
      if (result == ISAL_DECOMP_OK) begin_content();
    } else if (state_.block_state == ISAL_BLOCK_FINISH) {
      part_ = Part::end;
    }
    return step;
  }

  bool is_between_members() const override { return part_ == Part::end; }

  void begin_member() {
    isal_inflate_init(&state_);
    // The header is read by a call of its own: isal_inflate() forgets which parts it has, where the
    // input is cut within it.
    isal_gzip_header_init(&header_);
    header_bytes_ = 0;
    part_ = Part::header;
  }

  /// With the checksum and the length behind the content.
  void begin_content() {
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;
    part_ = Part::content;
  }

  /// Byte by byte, so that a single one that cannot begin a member is told from an end too early.
  void check_magic(std::span<const char> in) const {
    for (std::size_t i = 0; i < in.size() && header_bytes_ + i < kGzipMagic.size(); ++i) {
      if (in[i] != kGzipMagic[header_bytes_ + i])
        fail_as_damaged(i, "what follows is no member of a gzip file");
    }
  }

  static const char* describe(int result) {
    switch (result) {
      case ISAL_INCORRECT_CHECKSUM:
        return "the checksum or the length does not match";
      case ISAL_UNSUPPORTED_METHOD:
        return "its method of compression is not known";
      case ISAL_INVALID_WRAPPER:
        return "what stands there is no header of a gzip member";
      default:
        return "what stands there is no compressed data";
    }
  }

  static constexpr std::size_t kMaxStepBytes = std::size_t{1}
                                               << 30;  // the library counts in 32 bits

  inflate_state state_{};
  isal_gzip_header header_{};
  std::uint64_t header_bytes_ = 0;  ///< read of the header at hand
  Part part_ = Part::header;
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor(PullBytes pull) {
  return std::make_unique<GzipDecompressor>(std::move(pull));
}

}  // namespace billing
