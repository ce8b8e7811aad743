# The Entra side of Portcullis's rights: the app registration, its certificate, its permissions and the consent to them.
# Exchange's side isn't Terraform's to make: run ../Set-PortcullisRights.ps1 -ClientId with the id that this puts out.

terraform {
  required_version = ">= 1.5"
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = ">= 3.0, < 4.0"
    }
  }
}

variable "name" {
  description = "What the application is called."
  type        = string
  default     = "Portcullis"
}

variable "rights_file" {
  description = "What `portcullis rights --json` printed. Left out: the rights with every optional setting off."
  type        = string
  default     = "../rights.json"
}

variable "certificate_file" {
  description = "The certificate that signs in, as PEM, without its private key."
  type        = string
}

locals {
  rights      = jsondecode(file("${path.module}/${var.rights_file}"))
  permissions = { for right in local.rights.permissions : right.permission => right.api }
  apis        = toset(values(local.permissions))
}

data "azuread_client_config" "current" {}

# Microsoft's own applications: those whose permissions are used, and those that have to exist in the tenant.
resource "azuread_service_principal" "microsoft" {
  for_each     = setunion(local.apis, toset(local.rights.applications))
  client_id    = each.value
  use_existing = true
}

resource "azuread_application" "portcullis" {
  display_name     = var.name
  sign_in_audience = "AzureADMyOrg"

  dynamic "required_resource_access" {
    for_each = local.apis
    content {
      resource_app_id = required_resource_access.value
      dynamic "resource_access" {
        for_each = [for permission, api in local.permissions : permission if api == required_resource_access.value]
        content {
          id   = azuread_service_principal.microsoft[required_resource_access.value].app_role_ids[resource_access.value]
          type = "Role"
        }
      }
    }
  }
}

resource "azuread_application_certificate" "portcullis" {
  application_id = azuread_application.portcullis.id
  type           = "AsymmetricX509Cert"
  value          = file(var.certificate_file)
}

resource "azuread_service_principal" "portcullis" {
  client_id = azuread_application.portcullis.client_id
}

# Admin consent: from then on the application has this permission in the whole tenant.
resource "azuread_app_role_assignment" "consent" {
  for_each            = local.permissions
  app_role_id         = azuread_service_principal.microsoft[each.value].app_role_ids[each.key]
  principal_object_id = azuread_service_principal.portcullis.object_id
  resource_object_id  = azuread_service_principal.microsoft[each.value].object_id
}

output "environment" {
  description = "What to set for Portcullis."
  value = {
    PORTCULLIS_TENANT_ID = data.azuread_client_config.current.tenant_id
    PORTCULLIS_CLIENT_ID = azuread_application.portcullis.client_id
  }
}
