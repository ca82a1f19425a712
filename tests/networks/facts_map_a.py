"""Which build of the catalogue each entry of the facts describes: LeNet to VGG, NiN, and the light networks.

`FACTS` maps a key of the facts ("network" or "network/variant") to (slug, options, input (H, W) or None for the
default). Options are keyword arguments of `spec.build`; those that are no control of the network are marked.
"""

from __future__ import annotations

FACTS: dict[str, tuple[str, dict[str, object], tuple[int, int] | None]] = {
    "lenet5_keras_d2l_28_pad2": ("lenet5", {}, None),
    "lenet5_32_valid": ("lenet5", {"padding": 0}, (32, 32)),
    "lenet5_original": ("lenet5-1998", {}, None),
    "alexnet_paper_grouped": ("alexnet", {}, None),
    "alexnet_ungrouped": ("alexnet", {"groups": 1}, None),
    "alexnet_torchvision": ("alexnet-torchvision", {}, None),
    "alexnet_bn_tanh": ("alexnet-bn-tanh", {}, None),
    "vgg_A": ("vgg11", {}, None),
    "vgg_A/tv_vgg11_bn": ("vgg11", {"batch_norm": True}, None),
    "vgg_A-LRN": ("vgg11-lrn", {}, None),
    "vgg_B": ("vgg13", {}, None),
    "vgg_B/tv_vgg13_bn": ("vgg13", {"batch_norm": True}, None),
    "vgg_C": ("vgg16-c", {}, None),
    "vgg_D": ("vgg16", {}, None),
    "vgg_D/tv_vgg16_bn": ("vgg16", {"batch_norm": True}, None),
    "vgg_E": ("vgg19", {}, None),
    "vgg_E/tv_vgg19_bn": ("vgg19", {"batch_norm": True}, None),
    "nin_cifar10": ("nin-cifar10", {}, None),
    "nin_imagenet": ("nin-imagenet", {}, None),
    "nin_imagenet/nin_imagenet_caffe_227": ("nin-imagenet", {}, (227, 227)),
    # no controls: channels, hidden, ceil_mode (and classes); the input has 1 channel, not the 3 of the spec
    "nin_imagenet/nin_d2l_fashion_224": (
        "nin-imagenet",
        {"classes": 10, "channels": 1, "hidden": 10, "ceil_mode": False},
        None,
    ),
    "densenet121": ("densenet121", {}, None),
    "densenet169": ("densenet169", {}, None),
    "densenet201": ("densenet201", {}, None),
    "densenet161": ("densenet161", {}, None),
    "densenet_bc_100_12": ("densenet-bc-100-12", {}, None),
    # no controls: depth, bottleneck
    "densenet_bc_100_12/densenet-BC_L250_k24_cifar10": ("densenet-bc-100-12", {"depth": 250, "growth": 24}, None),
    "densenet_bc_100_12/densenet-BC_L190_k40_cifar10": ("densenet-bc-100-12", {"depth": 190, "growth": 40}, None),
    "densenet_bc_100_12/densenet_L40_k12_cifar10": ("densenet-bc-100-12", {"depth": 40, "bottleneck": False}, None),
    "densenet_bc_100_12/densenet_L100_k12_cifar10": ("densenet-bc-100-12", {"bottleneck": False}, None),
    "densenet_bc_100_12/densenet_L100_k24_cifar10": ("densenet-bc-100-12", {"bottleneck": False, "growth": 24}, None),
    "mobilenet_v1": ("mobilenet-v1", {}, None),
    "mobilenet_v1/mobilenet_v1_0.75_224": ("mobilenet-v1", {"width": 0.75}, None),
    "mobilenet_v1/mobilenet_v1_0.5_224": ("mobilenet-v1", {"width": 0.5}, None),
    "mobilenet_v1/mobilenet_v1_0.25_224": ("mobilenet-v1", {"width": 0.25}, None),
    "mobilenet_v2": ("mobilenet-v2", {}, None),
    "mobilenet_v3_large": ("mobilenet-v3-large", {}, None),
    "mobilenet_v3_small": ("mobilenet-v3-small", {}, None),
    "efficientnet_b0": ("efficientnet-b0", {}, None),
    "efficientnet_b1": ("efficientnet-b1", {}, None),
    "efficientnet_b2": ("efficientnet-b2", {}, None),
    "efficientnet_b3": ("efficientnet-b3", {}, None),
    "efficientnet_b4": ("efficientnet-b4", {}, None),
    "efficientnet_b5": ("efficientnet-b5", {}, None),
    "efficientnet_b6": ("efficientnet-b6", {}, None),
    "efficientnet_b7": ("efficientnet-b7", {}, None),
    "squeezenet1_0": ("squeezenet1-0", {}, None),
    "squeezenet1_1": ("squeezenet1-1", {}, None),
}

UNREACHED: dict[str, str] = {}
