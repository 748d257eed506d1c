#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace prumux::runtime::kernels {

/// Memory on cache-line borders, zero at first, in huge pages where it is large and the system has
/// them. Grows and never shrinks; growing loses the content.
template <typename Element>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { reserve(size); }

  Element* reserve(std::size_t size) {
    if (size > size_) {
      const std::size_t bytes = size * sizeof(Element);
      const std::align_val_t alignment =
          bytes < 2 * kHugePage ? kLine : std::align_val_t{kHugePage};
      data_ = Memory(static_cast<Element*>(::operator new(bytes, alignment)), Free{alignment});
#if defined(__linux__)
      if (alignment != kLine) madvise(data_.get(), bytes, MADV_HUGEPAGE);
#endif
      std::memset(static_cast<void*>(data_.get()), 0, bytes);
      size_ = size;
    }
    return data_.get();
  }

  Element* data() { return data_.get(); }
  const Element* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kLine{64};
  static constexpr std::size_t kHugePage = std::size_t{1} << 21U;
  struct Free {
    std::align_val_t alignment = kLine;
    void operator()(Element* pointer) const { ::operator delete(pointer, alignment); }
  };

  using Memory = std::unique_ptr<Element, Free>;

  Memory data_;
  std::size_t size_ = 0;
};

}  // namespace prumux::runtime::kernels
