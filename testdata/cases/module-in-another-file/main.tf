module "logs" {
  source = "./modules/logs"
  name   = local.name
}
