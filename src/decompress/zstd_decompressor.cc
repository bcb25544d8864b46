// RFC 8878, by the reference library.

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "decompress/decompressor.h"

namespace billing {
namespace {

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor(PullBytes pull, std::uint64_t max_window_bytes)
      : Decompressor(std::move(pull)),
        max_window_log_(std::clamp(static_cast<int>(std::bit_width(max_window_bytes)) - 1,
                                   kMinWindowLog, kMaxWindowLog)),
        context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, max_window_log_);
  }

 private:
  static constexpr int kMinWindowLog = 10;  // of the format
  static constexpr int kMaxWindowLog = std::bit_width(kMaxWindowBytes) - 1;

  Step decompress(std::span<const char> in, std::span<char> out) override {
    check_magic(in);
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &to, &from);
    if (ZSTD_isError(result)) fail(from.pos, ZSTD_getErrorCode(result));
    is_between_frames_ = result == 0;
    frame_bytes_ = is_between_frames_ ? 0 : frame_bytes_ + from.pos;
    return {from.pos, to.pos};
  }

  bool is_between_members() const override { return is_between_frames_; }

  /// Byte by byte, so that few that cannot begin a frame are told from an end too early; and no
  /// frames of formats before the standard one are decompressed.
  void check_magic(std::span<const char> in) {
    for (std::size_t i = 0; i < in.size() && frame_bytes_ + i < kZstdMagic.size(); ++i) {
      const std::size_t at = frame_bytes_ + i;
      if (at == 0) is_skippable_ = begins_skippable_frame(in[i]);
      const char wanted = !is_skippable_ ? kZstdMagic[at]
                          : at == 0      ? in[i]
                                         : kSkippableMagicEnd[at - 1];
      if (in[i] != wanted) fail_as_damaged(i, "what follows is no frame of a zstd file");
    }
  }

  [[noreturn]] void fail(std::size_t used, ZSTD_ErrorCode code) const {
    switch (code) {
      case ZSTD_error_memory_allocation:
        throw std::bad_alloc();
      case ZSTD_error_frameParameter_windowTooLarge:
        fail_as_too_large();
      case ZSTD_error_checksum_wrong:
        fail_as_damaged(used, "the checksum does not match");
      case ZSTD_error_dictionary_wrong:
        throw DecompressionError(
            "was compressed with a dictionary; decompress it with: zstd -dc "
            "-D DICTIONARY");
      default:
        fail_as_damaged(used, "what stands there is no compressed data");
    }
  }

  [[noreturn]] void fail_as_too_large() const {
    const std::string what = "was compressed with a window of more than " +
                             std::to_string((std::uint64_t{1} << max_window_log_) >> 10) + " KiB";
    throw DecompressionError(max_window_log_ < kMaxWindowLog
                                 ? what +
                                       ", which do not fit into the memory limit; raise "
                                       "\1memory-limit"
                                 : what + "; decompress it with: zstd -dc --long=31");
  }

  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  int max_window_log_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::uint64_t frame_bytes_ = 0;  ///< used of the frame at hand
  bool is_skippable_ = false;
  bool is_between_frames_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_decompressor(PullBytes pull,
                                                     std::uint64_t max_window_bytes) {
  return std::make_unique<ZstdDecompressor>(std::move(pull), max_window_bytes);
}

}  // namespace billing
