#include "partials/usage_file_writer.h"

#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <memory>

#include "base/byte_codec.h"

namespace billing {

void UsageFileWriter::write_header(std::string_view payload) {
  write_block(BlockKind::header, payload);
}

void UsageFileWriter::write_item(BlockKind kind, std::string_view item) {
  if (kind != items_kind_ || items_.size() >= block_bytes_of(kind)) end_items();
  items_kind_ = kind;
  items_ += item;
}

void UsageFileWriter::write_task(std::string_view name) {
  item_.clear();
  append_string(item_, name);
  write_item(BlockKind::tasks, item_);
  ++tasks_;
}

void UsageFileWriter::end_items() {
  if (items_.empty()) return;
  checkpoint_();
  write_block(items_kind_, items_);
  items_.clear();
}

void UsageFileWriter::end_head() {
  end_items();
  if (head_ended_) return;
  std::string payload;
  append_fixed(payload, checksums_.value());
  write_block(BlockKind::head_end, payload);
  head_ended_ = true;
}

void UsageFileWriter::write_rows(const OrderedUsage& usage) {
  end_head();
  using tbb::filter_mode;
  using Encoded = std::shared_ptr<RowEncoder>;
  std::size_t next = 0;
  const auto begin_step = [&](tbb::flow_control& control) {
    if (next == usage.block_count()) control.stop();
    checkpoint_();
    return next++;
  };
  const auto encode_step = [&](std::size_t block) {
    auto encoder = std::make_shared<RowEncoder>(kind_);
    usage.read_block(block, *encoder);
    encoder->flush();
    return encoder;
  };
  const auto take_step = [&](const Encoded& encoder) {
    take(encoder->blocks());
    totals_ += encoder->totals();
  };
  const auto tokens = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()) * 4;
  tbb::parallel_pipeline(
      tokens, tbb::make_filter<void, std::size_t>(filter_mode::serial_in_order, begin_step) &
                  tbb::make_filter<std::size_t, Encoded>(filter_mode::parallel, encode_step) &
                  tbb::make_filter<Encoded, void>(filter_mode::serial_in_order, take_step));
}

void UsageFileWriter::write_rows(UsageStream& usage) {
  constexpr std::size_t kWriteBytes = std::size_t{1} << 20;
  end_head();
  RowEncoder encoder(kind_);
  while (usage.next(encoder)) {
    if (encoder.blocks().bytes.size() < kWriteBytes) continue;
    checkpoint_();
    take(encoder.blocks());
  }
  encoder.flush();
  take(encoder.blocks());
  totals_ += encoder.totals();
}

void UsageFileWriter::finish() {
  end_head();
  std::string payload;
  append_varint(payload, totals_.rows);
  append_varint(payload, static_cast<std::uint64_t>(totals_.calls));
  append_fixed(payload, totals_.quantity);
  append_fixed(payload, checksums_.value());
  write_block(BlockKind::end, payload);
}

void UsageFileWriter::write_block(BlockKind kind, std::string_view payload) {
  Blocks blocks;
  append_block(blocks, kind, payload);
  take(blocks);
}

void UsageFileWriter::take(Blocks& blocks) {
  append_(blocks.bytes);
  for (const std::uint64_t checksum : blocks.checksums) checksums_.add(checksum);
  blocks.clear();
}

}  // namespace billing
