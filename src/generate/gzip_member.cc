#include "generate/gzip_member.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace billing {

struct GzipMember::State {
  isal_zstream stream;
  std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
  std::array<std::uint8_t, std::size_t{64} << 10> out;
};

GzipMember::GzipMember(Sink sink) : sink_(std::move(sink)), state_(std::make_unique<State>()) {
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = 1;
  stream.level_buf = state_->level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(state_->level_buffer.size());
}

GzipMember::~GzipMember() = default;

void GzipMember::append(std::string_view bytes) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kMost)))
    compress(bytes.substr(0, kMost), false);
}

void GzipMember::finish() { compress({}, true); }

void GzipMember::compress(std::string_view bytes, bool is_end) {
  isal_zstream& stream = state_->stream;
  // The library only reads from it.
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.end_of_stream = is_end ? 1 : 0;
  do {
    stream.next_out = state_->out.data();
    stream.avail_out = static_cast<std::uint32_t>(state_->out.size());
    if (isal_deflate(&stream) != COMP_OK) throw std::logic_error("gzip cannot be written");
    const std::size_t made = state_->out.size() - stream.avail_out;
    if (made > 0) sink_({reinterpret_cast<const char*>(state_->out.data()), made});
  } while (stream.avail_out == 0);
}

}  // namespace billing
