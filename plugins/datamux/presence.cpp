#include "presence.h"

#include <ATen/ATen.h>

namespace prumux::datamux {

at::Tensor mean_over_instances(const at::Tensor& x, const at::Tensor& mask) {
  if (!mask.defined()) {
    return x.mean(1);
  }
  const at::Tensor present = mask.to(x.options()).unsqueeze(3);
  const at::Tensor shares = present / present.sum(1, /*keepdim=*/true).clamp_min(1);
  return (x * shares).sum(1);
}

}  // namespace prumux::datamux
